using OrtDpo.Batches;
using OrtDpo.Export;
using OrtDpo.Runs;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Models;
using OrtDpo.Ship.Checks;
using OrtDpo.Ship.Thresholds;
using OrtDpo.Train;
using OrtDpo.Train.Engine;

namespace OrtDpo.Ship;

/// <summary>One pass through all checks: digests first, then the policy, the model that it is compared with, and the export.</summary>
/// <param name="request">What is judged.</param>
/// <param name="run">The run.</param>
/// <param name="device">Where models run.</param>
sealed class ReleasePass(ReleaseRequest request, TrainedRun run, ChosenDevice device)
{
    // Enough tokens for the mean to mean something; as export compares.
    const int ComparedRows = 64;

    readonly ReleaseThresholds thresholds = request.Thresholds;
    readonly Dictionary<string, ReleaseCheck> checks = new(StringComparer.Ordinal);

    bool HasReference => run.ReferenceCache is not null;

    RowKind Rows => LossSession.RowsOf(LossChoice.FromConfig(run.Config).Objective);

    bool IsSupervised => Rows == RowKind.Supervised;

    // Supervised training is meant to leave its start.
    bool MeasuresKl => thresholds.Kl is not null && !IsSupervised;

    /// <summary>Runs all checks.</summary>
    public ReleaseReport Report()
    {
        Put("run", thresholds.Run, () => ChainChecks.Run(run));
        Put("cache", thresholds.Cache, () => ChainChecks.Cache(run));
        Put("data", thresholds.Data, () => ChainChecks.Data(run, request.Data));
        Put("export_files", thresholds.ExportFiles, () => ChainChecks.ExportFiles(request.Export));
        var heldOut = HeldOut();
        var cache = heldOut.Value?.Cache is { } open
            ? new HeldOutCache(open.Folder, open.Identity.TokenizerDigest, open.Identity.TemplateDigest)
            : (HeldOutCache?)null;
        Put("tokenizer", thresholds.Tokenizer, () => ChainChecks.Tokenizer(run, cache, request.Export));
        Put("chat_template", thresholds.ChatTemplate, () => ChainChecks.Template(run, cache, request.Export));
        Put("prompts", thresholds.Prompts is not null, () => Prompts(heldOut));
        Measure(heldOut);
        Compare(heldOut);
        ReleaseCheck[] all = [.. Threshold.All.Where(threshold => checks.ContainsKey(threshold.Name)).Select(t => checks[t.Name])];
        var loss = LossChoice.FromConfig(run.Config).Objective.Losses;
        return new ReleaseReport(run.Folder, run.Step, loss, request.Export, device.Device.Name, Outcome(all), all)
        {
            DeviceNote = device.WhyNot,
        };
    }

    ReleaseOutcome Outcome(IReadOnlyCollection<ReleaseCheck> all) =>
        all.Any(check => check.Verdict == Verdict.Blocked) ? ReleaseOutcome.Blocked
        : all.All(check => check.Verdict != Verdict.NotJudged) ? ReleaseOutcome.Ships
        : thresholds.BlockUnjudged ? ReleaseOutcome.Blocked : ReleaseOutcome.NotJudged;

    // Numbers of a cache that is not the run's say nothing of the run.
    Attempt<HeldOutRows> HeldOut() => checks["cache"] is { Verdict: Verdict.Blocked or Verdict.NotJudged } cache
        ? Attempt<HeldOutRows>.Not($"The held-out rows are those of the cache: {cache.Reason}")
        : Attempt<HeldOutRows>.Of(() => HeldOutRows.Of(run));

    ReleaseCheck Prompts(Attempt<HeldOutRows> heldOut)
    {
        if (heldOut.Value is not { } rows)
        {
            return Judged.Not("prompts", heldOut.WhyNot!);
        }

        var prompts = rows.Rows.Select(HeldOutChecks.PromptOf).Distinct(StringComparer.Ordinal).Count();
        var least = thresholds.Prompts!.Value;
        return new ReleaseCheck("prompts", prompts >= least ? Verdict.Passed : Verdict.Blocked)
        {
            Found = FormattableString.Invariant($"{prompts}, of {rows.Rows.Count} rows"),
            Threshold = FormattableString.Invariant($"at least {least}"),
            Value = prompts,
            Limit = least,
            Reason = prompts >= least ? null : FormattableString.Invariant(
                $"{prompts} prompts are held out, which say too little; expected at least {least}. Hold out more (`EvalFraction`)."),
        };
    }

    void Measure(Attempt<HeldOutRows> heldOut)
    {
        if (heldOut.Value is not { Rows.Count: > 0 } rows)
        {
            var reason = heldOut.WhyNot ?? "No rows are held out. Run precompute, or train, with `EvalFraction`.";
            NotMeasured(reason);
            Put("reference", thresholds.Reference, () => Reference(reason));
            return;
        }

        var policy = Attempt<Scored>.Of(() => Policy(rows));
        if (policy.Value is not { } scored)
        {
            NotMeasured(policy.WhyNot!);
            Put("reference", thresholds.Reference, () => Reference(policy.WhyNot!));
            return;
        }

        Put("accuracy", thresholds.Accuracy is not null, () => new HeldOutChecks(scored.Scores, null).Accuracy(thresholds.Accuracy!.Value));
        Put("margin", thresholds.Margin is not null, () => new HeldOutChecks(scored.Scores, null).Margin(thresholds.Margin!.Value));
        var start = AgainstStart(rows, scored);
        Put("chosen_fall", thresholds.ChosenFall is not null, () => start.WhyNot is { } reason
            ? Judged.Not("chosen_fall", reason)
            : new HeldOutChecks(scored.Scores, start.Value!.Scores).ChosenFall(thresholds.ChosenFall!.Value));
        Put("perplexity", thresholds.Perplexity is not null, () => start.WhyNot is { } reason
            ? Judged.Not("perplexity", reason)
            : new HeldOutChecks(scored.Scores, start.Value!.Scores).Perplexity(thresholds.Perplexity!.Value));
    }

    Scored Policy(HeldOutRows rows)
    {
        using var policy = HeldOutEvaluation.OpenPolicy(run, rows.MaxLength);
        var scores = HeldOutEvaluation.ScoreEach(run, rows, policy, request.Threads, request.Device, request.Offload);
        var vocabulary = policy.Model.Sizes.VocabSize;
        var distributions = new DistributionChecks(CompletionSample.Of(rows.Rows, vocabulary), vocabulary);
        if (MeasuresKl)
        {
            distributions.ReadPolicy(policy, request.Threads, device, request.Offload);
        }

        return new Scored(scores, distributions);
    }

    // What the rows say of a reference is the cache's; without one the model that training started from is run on them.
    Attempt<StartScores> AgainstStart(HeldOutRows rows, Scored scored)
    {
        var scoresStart = !HasReference && (thresholds.Perplexity is not null || (thresholds.ChosenFall is not null && !IsSupervised));
        var readsReference = MeasuresKl || (thresholds.Reference && HasReference);
        var whyNot = (string?)null;
        HeldOutScores? scores = null;
        if (scoresStart || readsReference || thresholds.Reference)
        {
            var opened = Attempt<StartingModel>.Of(() => StartingModel.Open(run, request.Reference, rows.MaxLength));
            using var start = opened.Value;
            whyNot = opened.WhyNot ?? start!.Fault;
            var read = whyNot is null
                ? Attempt<object>.Of(() =>
                {
                    if (readsReference)
                    {
                        scored.Distributions.ReadReference(start!.Folder, request.Threads, device, request.Offload);
                    }

                    scores = scoresStart
                        ? HeldOutEvaluation.ScoreEach(run, rows, start!.Folder, request.Threads, request.Device, request.Offload)
                        : null;
                    return scored;
                })
                : Attempt<object>.Not(whyNot);
            whyNot = read.WhyNot;
            Put("reference", thresholds.Reference, () => start?.Fault is { } fault
                ? new ReleaseCheck("reference", Verdict.Blocked) { Found = "another model", Threshold = "required", Reason = fault }
                : whyNot is null ? scored.Distributions.Reference(start!.Digest, rows.Cache?.Identity.Tolerance)
                : Reference(whyNot));
        }
        else
        {
            checks["reference"] = Off("reference");
        }

        Put("kl", thresholds.Kl is not null, () => IsSupervised
            ? Judged.NotApplicable("kl", "Supervised training is meant to leave the model that it started from.")
            : whyNot is null ? scored.Distributions.Kl(thresholds.Kl!.Value) : Judged.Not("kl", whyNot));
        return HasReference || whyNot is null ? new(new StartScores(scores), null) : Attempt<StartScores>.Not(whyNot);
    }

    void Compare(Attempt<HeldOutRows> heldOut)
    {
        var opened = thresholds.Export || thresholds.Parity
            ? Attempt<ExportedModel>.Of(() => ExportedModel.Open(request.Export, run, request.Threads))
            : default;
        using var export = opened.Value;
        Put("export", thresholds.Export, () => ChainChecks.Export(opened));
        Put("parity", thresholds.Parity, () => ParityCheck.Of(opened, heldOut, model => Compare(model, heldOut.Value!)));
    }

    Compared Compare(ExportedModel export, HeldOutRows rows)
    {
        using var policy = HeldOutEvaluation.OpenPolicy(run, rows.MaxLength);
        Example[] compared = [.. rows.Rows.Take(ComparedRows).Select(row => row.Tokens)];
        var place = ForwardPlace.Of(device, request.Offload, "The policy that is compared with", budget => DecoderScorer.Choose(
            policy, LongestBatches.Of(compared, batchTokens: 1, policy.Model.Layout), budget, request.Offload, ComputeDtype.Float32,
            tokenizer: 0));
        using var scorer = DecoderScorer.Of(policy, request.Threads, place.Device, offload: place.Offload);
        try
        {
            return new Compared(export.Compare(scorer, compared, policy.Model.Sizes.MaxPositions), Fault: null);
        }
        catch (InvalidDataException e)
        {
            // The policy is open, and has scored rows before: it is the export that does not run.
            return new Compared(Report: null, e.Message);
        }
    }

    void NotMeasured(string reason)
    {
        foreach (var (name, on) in ((string, bool)[])[
            ("accuracy", thresholds.Accuracy is not null), ("margin", thresholds.Margin is not null),
            ("chosen_fall", thresholds.ChosenFall is not null), ("perplexity", thresholds.Perplexity is not null),
            ("kl", thresholds.Kl is not null)])
        {
            Put(name, on, () => Judged.Not(name, reason));
        }
    }

    static ReleaseCheck Reference(string reason) => Judged.Not("reference", reason) with { Threshold = "required" };

    void Put(string name, bool isOn, Func<ReleaseCheck> check) =>
        checks[name] = isOn ? check() : Off(name);

    static ReleaseCheck Off(string name) => new(name, Verdict.Off) { Reason = "The thresholds leave it out." };

    sealed record Scored(HeldOutScores Scores, DistributionChecks Distributions);

    sealed record StartScores(HeldOutScores? Scores);
}
