using OrtDpo.Core.Cache;
using OrtDpo.Core.CommandLine;
using OrtDpo.Core.Data;
using OrtDpo.Core.Text;
using OrtDpo.Core.Training;
using OrtDpo.Graph.Weights;
using OrtDpo.Train.Engine;

namespace OrtDpo.Train;

/// <summary>Stage 2: the policy against the reference cache. The reference's weights are never opened.</summary>
public static class PreferenceTraining
{
    /// <summary>Trains.</summary>
    /// <param name="settings">What to do.</param>
    /// <param name="cacheFolder">The cache that precompute wrote.</param>
    /// <param name="beta">Temperature of the implicit reward.</param>
    /// <param name="output">Where it is told.</param>
    public static void Run(TrainSettings settings, string cacheFolder, float beta, ProgramOutput output)
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
        cache.Identity.RequirePolicy(cacheFolder, tokenizer.Digest, templateDigest: null, positions);
        var plan = new TrainingPlan(settings.Options, CachedRows.Of(cache, Split.Train), CachedRows.Of(cache, Split.Eval));

        var run = new TrainingRun("train", settings, output);
        run.Config.Add("ref", Path.GetFullPath(cacheFolder)).Informative()
            .Add("loss", "sigmoid")
            .Add("beta", beta)
            .Add("cache_digest", cache.Digest)
            .Add("reference_digest", cache.Identity.ReferenceDigest)
            .Add("policy_digest", policyDigest)
            .Add("tokenizer_digest", tokenizer.Digest);
        run.Inputs.Add("cache", cache.Digest);
        run.Inputs.Add("policy", policyDigest);
        run.Inputs.Add("reference", cache.Identity.ReferenceDigest);
        run.Inputs.Add("tokenizer", tokenizer.Digest);
        var startsAsReference = policyDigest == cache.Identity.ReferenceDigest;
        run.StartsAsReference = startsAsReference;
        run.Execute(plan, () => LossSession.Sigmoid(beta), tokenizer, _ =>
        {
            if (!startsAsReference)
            {
                output.WriteLine(
                    $"step-0 gate: skipped, since the policy {policyDigest[..12]}… does not start as the reference {cache.Identity.ReferenceDigest[..12]}…");
            }
        });
    }
}
