using OrtDpo.Batches;
using OrtDpo.Data;
using OrtDpo.Data.Cache;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Models;
using OrtDpo.Runtime.Sessions;

namespace OrtDpo.Precompute;

/// <summary>Scoring that is planned, with the reference open, and nothing of it on the disk yet.</summary>
/// <param name="Reference">The model that scores.</param>
/// <param name="Encoder">How rows become tokens.</param>
/// <param name="MaxLengthReason">Why prompt and completion are bounded as they are.</param>
/// <param name="Prepared">The rows.</param>
/// <param name="Kind">What the rows are.</param>
/// <param name="Known">Scores of older caches.</param>
/// <param name="Plan">What is scored together.</param>
/// <param name="Shard">What the shard is.</param>
/// <param name="Device">What it scores on.</param>
/// <param name="Memory">What scoring takes.</param>
sealed record PlannedScoring(
    Reference Reference, ExampleEncoder Encoder, string MaxLengthReason, PreparedData Prepared, RowKind Kind, KnownScores Known,
    ScoringPlan Plan, ShardIdentity Shard, ChosenDevice Device, ForwardMemory Memory) : IDisposable
{
    /// <summary>Opens what scores.</summary>
    public (IScorer Scorer, ScoringEnvironment Environment) Scorer(int threads) => (
        Reference.Scorer(threads, Device.Device, Memory.Offload),
        new ScoringEnvironment(OrtProcess.Version, Device.Device.Name, threads) { DeviceModel = Device.Device.Model });

    /// <summary>Tells what was decided, and what is to be scored.</summary>
    public void Tell(Action<PrecomputeEvent> report, IReadOnlyList<string> damaged, int found)
    {
        report(new PrecomputeEvent.Decided(Reference, Encoder, MaxLengthReason, Device, Memory));
        report(new PrecomputeEvent.Prepared(Prepared));
        report(new PrecomputeEvent.Planned(Plan.Summary, Known.Shards, damaged, found));
    }

    public void Dispose() => Reference.Dispose();
}
