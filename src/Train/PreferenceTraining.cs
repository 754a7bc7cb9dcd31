using OrtDpo.Batches;
using OrtDpo.Data.Cache;
using OrtDpo.Core.CommandLine;
using OrtDpo.Data;
using OrtDpo.Training;
using OrtDpo.Models;
using OrtDpo.Tokenizers;
using OrtDpo.Train.Engine;

namespace OrtDpo.Train;

/// <summary>Stage 2: the policy against the reference cache. The reference's weights are never opened.</summary>
public static class PreferenceTraining
{
    /// <summary>Trains.</summary>
    /// <param name="settings">What to do.</param>
    /// <param name="cacheFolder">The cache that precompute wrote.</param>
    /// <param name="output">Where it is told.</param>
    public static void Run(TrainSettings settings, string cacheFolder, ProgramOutput output)
    {
        string policyDigest;
        int positions;
        using (var model = ModelFolder.Open(settings.Model))
        {
            policyDigest = ReferenceDigest.Compute(model);
            positions = model.Model.Sizes.MaxPositions;
        }

        var tokenizer = ModelTokenizer.Load(settings.Model);
        var cache = ReferenceCache.Open(cacheFolder);
        RequireRows(settings.Loss, cache);
        // Rows of text need no template, and what template the model has then says nothing.
        var templateDigest = cache.Identity.TemplateDigest is null ? null : ChatTemplateFolder.Load(settings.Model).Digest;
        cache.Identity.RequirePolicy(cacheFolder, tokenizer.Digest, templateDigest, positions);
        var plan = new TrainingPlan(settings.Options, CachedRows.Of(cache, Split.Train), CachedRows.Of(cache, Split.Eval));

        var run = new TrainingRun("train", settings, output);
        run.Config.Add("ref", Path.GetFullPath(cacheFolder)).Informative()
            .Add("cache_digest", cache.Digest)
            .Add("reference_digest", cache.Identity.ReferenceDigest)
            .Add("policy_digest", policyDigest)
            .Add("tokenizer_digest", tokenizer.Digest);
        run.Inputs.Add("cache", cache.Digest);
        run.Inputs.Add("policy", policyDigest);
        run.Inputs.Add("reference", cache.Identity.ReferenceDigest);
        run.Inputs.Add("tokenizer", tokenizer.Digest);
        run.StartsAsReference = policyDigest == cache.Identity.ReferenceDigest;
        run.Execute(plan, tokenizer, _ =>
        {
            if (!run.StartsAsReference)
            {
                output.WriteLine(
                    $"step-0 gate: skipped, since the policy {policyDigest[..12]}… does not start as the reference "
                    + $"{cache.Identity.ReferenceDigest[..12]}…");
            }
        });
    }

    static void RequireRows(LossChoice loss, ReferenceCache cache)
    {
        var wanted = LossSession.RowsOf(loss.Objective);
        if (cache.Kind != wanted)
        {
            throw new InvalidDataException(wanted == RowKind.Unpaired
                ? $"{cache.Folder} holds pairs, and {loss.Objective.Losses} takes single completions with labels. "
                    + "Run precompute on rows of 'prompt', 'completion' and 'label'."
                : $"{cache.Folder} holds single completions with labels, and {loss.Objective.Losses} takes pairs. "
                    + "Run precompute on rows of 'prompt', 'chosen' and 'rejected', or train with kto.");
        }
    }
}
