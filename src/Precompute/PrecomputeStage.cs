using OrtDpo.Batches;
using OrtDpo.Data.Cache;
using OrtDpo.Core.CommandLine;
using OrtDpo.Data;
using OrtDpo.Models;
using OrtDpo.Runtime.Models;
using OrtDpo.Runtime.Sessions;

namespace OrtDpo.Precompute;

/// <summary>Stage 1: read, check, plan, score, write, read back.</summary>
public static class PrecomputeStage
{
    /// <summary>Writes the reference cache, or continues one that was killed.</summary>
    public static void Run(PrecomputeSettings settings, ProgramOutput output)
    {
        var reference = Reference.Read(settings.Model);
        var data = settings.Data;
        var kind = RowFile.KindOf(data.AllFiles);
        RequireScorable(data, kind);
        var (maxLength, reason) = MaxLengthChoice.Of(reference.Model.Sizes.MaxPositions, data.MaxLength);
        var encoder = PairEncoder.Of(settings.Model, reference.Tokenizer, data, maxLength);
        var prepared = PairPreparation.Prepare(kind, data, encoder, settings.Shard);
        reference.RequireKnownTokens(prepared.Pairs);
        var identity = reference.Identity(encoder);
        RequireReusable(settings, kind);
        var known = settings.Reuse.Count == 0
            ? KnownScores.None
            : KnownScores.Read(settings.Reuse, identity, ScoringPlan.RowKeys(prepared.Pairs, identity.ContractDigest));
        var plan = ScoringPlan.Make(prepared.Pairs, identity, known);
        var dataDigest = DataDigest.Of(data, prepared.Ledger.Sources);
        using var folder = new CacheFolder(settings.Out);
        using var writer = CacheWriter.Begin(settings.Out, new ShardIdentity(settings.Shard, identity, dataDigest), plan, known);

        // Here and not before: what is refused says nothing on stdout.
        var report = new PrecomputeReport(output);
        report.Decisions(settings, reference, encoder, reason);
        report.Rows(prepared, reference.Tokenizer);
        report.Plan(plan.Summary, writer, known);
        var ledger = writer.WriteLedger(prepared.Ledger);
        if (!writer.NothingToScore)
        {
            Score(settings, kind, reference, writer, output);
        }

        writer.Complete();
        report.Done(settings, plan.Summary, ledger);
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
    static void RequireReusable(PrecomputeSettings settings, RowKind kind)
    {
        if (kind == RowKind.Unpaired && settings.Reuse.Count > 0)
        {
            throw new NotSupportedException($"{settings.Data.Files[0].Path} holds unpaired feedback, and --reuse takes scores of pairs. "
                + "Leave --reuse out.");
        }
    }

    static void Score(PrecomputeSettings settings, RowKind kind, Reference reference, CacheWriter writer, ProgramOutput output)
    {
        using var scorer = PairScorer.Load(settings.Model, settings.Threads);
        var environment = new ScoringEnvironment(OrtProcess.Version, "cpu", settings.Threads);
        output.Track("scoring", writer.PairsToScore, kind == RowKind.Unpaired ? "rows" : "pairs", done =>
        {
            var pairs = 0L;
            writer.Score(environment, reference.Model.Sizes.VocabSize, scorer.Model.Layout, scorer.Score, count => done(pairs += count));
        });
    }
}
