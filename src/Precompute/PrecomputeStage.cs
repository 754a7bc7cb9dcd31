using OrtDpo.Batches;
using OrtDpo.Data;
using OrtDpo.Data.Cache;
using OrtDpo.Models;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Models;

namespace OrtDpo.Precompute;

/// <summary>Stage 1: read, check, plan, score, write, read back.</summary>
public static class PrecomputeStage
{
    /// <summary>Writes the reference cache, or continues one that was killed.</summary>
    /// <param name="settings">What to score, with what, and where to.</param>
    /// <param name="report">Told of what happens.</param>
    /// <exception cref="InvalidDataException">A file is damaged, or does not belong to the others.</exception>
    /// <exception cref="NotSupportedException">The rows or the model are of a kind that is not scored.</exception>
    /// <exception cref="IOException">A file is missing, or the folder holds something else.</exception>
    /// <exception cref="OperationCanceledException">
    /// Scoring was stopped (<see cref="PrecomputeRequest.Stop"/>); the message says how far it came.
    /// </exception>
    public static PrecomputeResult Run(PrecomputeRequest settings, Action<PrecomputeEvent> report)
    {
        using var planned = Plan(settings);
        var (reference, plan, known, ledger, shard) =
            (planned.Reference, planned.Plan, planned.Known, planned.Prepared.Ledger, planned.Shard);
        using var folder = new CacheFolder(settings.Out);
        using var writer = CacheWriter.Begin(settings.Out, shard, plan, known, ledger);
        writer.Stop = settings.Stop;

        // Here and not before: what is refused tells nothing.
        planned.Tell(report, writer.DamagedParts, writer.PartsFound);
        var scored = 0L;
        var isScored = !writer.NothingToScore;
        try
        {
            writer.Finish(
                () =>
                {
                    var scoring = planned.Scorer(settings.Threads);
                    report(new PrecomputeEvent.ScoringStarted(writer.PairsToScore, planned.Kind == RowKind.Pair));
                    return scoring;
                },
                count => report(new PrecomputeEvent.Scored(scored += count)));
        }
        catch (OperationCanceledException) when (settings.Stop.IsCancellationRequested)
        {
            throw new OperationCanceledException(
                $"Scoring was stopped; {writer.PartsFound} of {plan.Summary.Parts} parts are written to {settings.Out}, and the same "
                + "command goes on from there.",
                settings.Stop);
        }

        if (isScored)
        {
            report(new PrecomputeEvent.ScoringEnded());
        }

        return new PrecomputeResult(
            settings.Out, plan.Summary, writer.Ledger, settings.KeepBase ? reference.Keep(settings.Out) : null);
    }

    /// <summary>
    /// Does what <see cref="Run"/> does before it scores, and writes nothing: the reference scores its fixed tokens alone. What a run would
    /// refuse is refused.
    /// </summary>
    /// <param name="settings">What to score, with what, and where to.</param>
    /// <param name="report">Told of what was decided.</param>
    /// <returns>Parts that are still to be scored, and all.</returns>
    public static (int Missing, int Parts) Rehearse(PrecomputeRequest settings, Action<PrecomputeEvent> report)
    {
        using var planned = Plan(settings);
        var standing = CacheWriter.Look(settings.Out, planned.Shard, planned.Plan, planned.Known, () => planned.Scorer(settings.Threads));
        planned.Tell(report, standing.Damaged, standing.Whole.Count);
        var parts = planned.Plan.Summary.Parts;
        return (parts - standing.Whole.Count, parts);
    }

    // Everything that can be refused without the cache's folder.
    static PlannedScoring Plan(PrecomputeRequest settings)
    {
        var data = settings.Data;
        var reference = Reference.Open(
            settings.Model, settings.Adapter, settings.Base, settings.Dtype, model => MaxLengthChoice.Of(model, data.MaxLength).MaxLength);
        try
        {
            RequireKeepable(settings);
            var kind = RowFile.KindOf(data.AllFiles);
            RequireScorable(data, kind);
            var (maxLength, reason) = MaxLengthChoice.Of(reference.Model, data.MaxLength);
            var encoder = ExampleEncoder.Of(settings.Model, reference.Tokenizer, data, maxLength);
            var prepared = ExamplePreparation.Prepare(kind, data, encoder, settings.Shard);
            foreach (var row in prepared.Examples)
            {
                reference.Tokenizer.RequireKnown($"{row.Source}:{row.SourceRow}", row.Tokens.LargestId, reference.Model.Sizes.VocabSize);
            }

            var identity = reference.Identity(encoder);
            RequireReusable(settings, kind);
            var known = settings.Reuse.Count == 0
                ? KnownScores.None
                : KnownScores.Read(settings.Reuse, identity, WantedScores.Of(prepared.Examples, identity.ContractDigest));
            var plan = ScoringPlan.Make(prepared.Examples, identity, known);
            var dataDigest = DataDigest.Of(data, prepared.Ledger.Sources, prepared.Ledger.Ranked?.Choice);
            var device = settings.Device.Open(settings.Threads).Computing(settings.Dtype);
            var memory = reference.Memory(plan, MemoryBudget.Of(device.Device), settings.Offload);
            RequireMemory(memory, settings.Force);
            return new PlannedScoring(
                reference, encoder, reason, prepared, kind, known, plan,
                new ShardIdentity(settings.Shard, identity, dataDigest).WithSets(prepared.Ledger.Sources), device, memory);
        }
        catch
        {
            reference.Dispose();
            throw;
        }
    }

    static void RequireKeepable(PrecomputeRequest settings)
    {
        if (settings.KeepBase && settings.Base.Form is null)
        {
            throw new InvalidDataException(
                $"`KeepBase` keeps what is quantised, and `Base` is {settings.Base.Name}: there is nothing to keep. Leave it out.");
        }
    }

    static void RequireMemory(ForwardMemory memory, bool force)
    {
        if (!memory.Fits && !force)
        {
            throw new NotSupportedException(
                $"{memory.Shortage("Scoring")} Try a smaller `MaxLength`; `Force` runs it all the same.");
        }
    }

    static void RequireScorable(DataSettings data, RowKind kind)
    {
        if (kind == RowKind.Supervised)
        {
            throw new NotSupportedException($"{data.Files[0].Path} holds supervised rows ('completion' or 'messages' without 'label'). "
                + "A reference scores preference pairs and unpaired feedback; train on supervised rows with sft.");
        }
    }

    // A row of unpaired feedback is scored together with a completion that depends on all the data.
    static void RequireReusable(PrecomputeRequest settings, RowKind kind)
    {
        if (kind == RowKind.Unpaired && settings.Reuse.Count > 0)
        {
            throw new NotSupportedException($"{settings.Data.Files[0].Path} holds unpaired feedback, and `Reuse` takes scores of pairs. "
                + "Leave `Reuse` out.");
        }
    }
}
