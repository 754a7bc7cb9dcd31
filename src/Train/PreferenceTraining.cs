using OrtDpo.Batches;
using OrtDpo.ChatTemplates;
using OrtDpo.Data;
using OrtDpo.Data.Cache;
using OrtDpo.Models.Quantized;
using OrtDpo.Train.Engine;
using OrtDpo.Training;

namespace OrtDpo.Train;

/// <summary>Stage 2: the policy against the reference cache. The reference's weights are never opened.</summary>
public static class PreferenceTraining
{
    /// <summary>Trains.</summary>
    /// <param name="settings">What to do.</param>
    /// <param name="cacheFolder">The cache that precompute wrote.</param>
    /// <param name="report">Told of what happens.</param>
    /// <param name="chatTemplate">
    /// The file of Jinja that precompute had as <see cref="DataSettings.ChatTemplate"/>, which checkpoints then keep; null: the model's
    /// own template is the cache's.
    /// </param>
    public static TrainResult Run(TrainRequest settings, string cacheFolder, Action<TrainEvent> report, string? chatTemplate = null) =>
        Prepared(settings, cacheFolder, report, chatTemplate, TrainingRun.Execute);

    /// <summary>
    /// Does what <see cref="Run"/> does before its first step, the step-0 gate included, and writes nothing: what a run would refuse is
    /// refused.
    /// </summary>
    /// <param name="settings">What to do.</param>
    /// <param name="cacheFolder">The cache that precompute wrote.</param>
    /// <param name="report">Told of what happens.</param>
    /// <param name="chatTemplate">As of <see cref="Run"/>.</param>
    public static Rehearsal Rehearse(TrainRequest settings, string cacheFolder, Action<TrainEvent> report, string? chatTemplate = null) =>
        Prepared(settings, cacheFolder, report, chatTemplate, TrainingRun.Rehearse);

    static T Prepared<T>(
        TrainRequest settings, string cacheFolder, Action<TrainEvent> report, string? chatTemplate,
        Func<TrainRequest, PreparedRun, Action<TrainEvent>, T> go)
    {
        var cache = ReferenceCache.Open(cacheFolder);
        var dtype = settings.Dtype ?? cache.Identity.Compute ?? ComputeDtype.Float32;
        using var policy = Policy.Open(settings, _ => cache.Identity.MaxLength);
        RequireRows(settings.Loss, cache);
        RequireBase(settings, policy, cache);
        var given = chatTemplate is null ? null : ChatTemplateFolder.LoadFile(chatTemplate, settings.Model);
        RequireEffectOfTemplate(given, cache);
        // Rows of text need no template, and what template the model has then says nothing.
        var templateDigest = cache.Identity.TemplateDigest is null ? null : (given ?? ChatTemplateFolder.Load(settings.Model)).Digest;
        cache.Identity.RequirePolicy(
            cacheFolder, dtype, policy.Tokenizer.Digest, policy.Tokenizer.Ends, templateDigest,
            policy.Folder.Model.Sizes.MaxPositions);
        var trained = CachedRows.Of(cache, Split.Train);
        RequireBothLabels(settings, cacheFolder, trained);
        var options = Policy.Options(RunBefore.Options(settings), policy.Folder);
        var plan = new TrainingPlan(options, trained, CachedRows.Of(cache, Split.Eval));

        var config = PreparedRun.NewConfig("train", settings.Model);
        config.Add("ref", Path.GetFullPath(cacheFolder)).Informative()
            .Add("cache_digest", cache.Digest)
            .Add("reference_digest", cache.Identity.ReferenceDigest)
            .Add("policy_digest", policy.Digest)
            .Add("tokenizer_digest", policy.Tokenizer.Digest);
        var inputs = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["cache"] = cache.Digest,
            ["policy"] = policy.Digest,
            ["reference"] = cache.Identity.ReferenceDigest,
            ["tokenizer"] = policy.Tokenizer.Digest,
        };
        PreparedRun.AddEnds(policy.Tokenizer.Ends, config, inputs);
        PreparedRun.AddTemplate(given, config, inputs);
        var startsAsReference = policy.Digest == cache.Identity.ReferenceDigest;
        var run = new PreparedRun("train", plan, policy, config, inputs, startsAsReference, _ =>
        {
            if (!startsAsReference)
            {
                report(new TrainEvent.GateSkipped(policy.Digest, cache.Identity.ReferenceDigest));
            }
        })
        {
            Template = given,
            Dtype = dtype,
        };
        return go(settings, run, report);
    }

    // A policy that starts as the reference does so to the last bit only where both are held alike; another one is compared with numbers of
    // a model that nobody deploys.
    static void RequireBase(TrainRequest settings, Policy policy, ReferenceCache cache)
    {
        if (policy.BaseForm != cache.Identity.BaseForm)
        {
            throw new InvalidDataException(
                $"{cache.Folder} was made with weights held {BaseWeights.Describe(cache.Identity.BaseForm)}, and "
                + $"those of {settings.Model} are held {BaseWeights.Describe(policy.BaseForm)}. "
                + $"{BaseWeights.Advice(cache.Identity.BaseForm)}, or run precompute again.");
        }
    }

    static void RequireEffectOfTemplate(ChatTemplate? given, ReferenceCache cache)
    {
        if (given is not null && cache.Identity.TemplateDigest is null)
        {
            throw new InvalidDataException(
                $"`ChatTemplate` has no effect: {cache.Folder} was made of rows that hold no messages. Leave it out.");
        }
    }

    // As TRL refuses it: the loss would push every completion the same way.
    static void RequireBothLabels(TrainRequest settings, string cacheFolder, List<TrainingRow> rows)
    {
        var labels = rows.Select(row => row.Tokens.Known).OfType<Judgement.Label>().CountBy(label => label.IsDesirable).ToDictionary();
        if (labels.Count == 1 && !settings.AcceptOneLabel)
        {
            var (isDesirable, count) = labels.First();
            var label = isDesirable ? "desirable" : "undesirable";
            throw new InvalidDataException($"{cacheFolder}: all {count} rows to train on are {label}, "
                + $"and {settings.Loss.Objective.Losses} learns from the difference between the labels. Add rows of the other label to the "
                + "data and run precompute again, or pass `AcceptOneLabel`.");
        }
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
