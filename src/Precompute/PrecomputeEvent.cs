using OrtDpo.Data;
using OrtDpo.Data.Cache;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Models;

namespace OrtDpo.Precompute;

/// <summary>What stage 1 tells while it runs, in this order. What is refused is refused before the first of them.</summary>
public abstract record PrecomputeEvent
{
    /// <summary>What was decided, and why.</summary>
    /// <param name="Reference">The model that scores.</param>
    /// <param name="Encoder">How rows become tokens.</param>
    /// <param name="MaxLengthReason">Why prompt and completion are bounded as they are.</param>
    /// <param name="Device">What it scores on.</param>
    /// <param name="Memory">What scoring takes, and what of the weights lies in the host's memory for it.</param>
    public sealed record Decided(
        Reference Reference, ExampleEncoder Encoder, string MaxLengthReason, ChosenDevice Device, ForwardMemory Memory) : PrecomputeEvent;

    /// <summary>The rows are read and encoded.</summary>
    public sealed record Prepared(PreparedData Rows) : PrecomputeEvent;

    /// <summary>What is scored together is fixed.</summary>
    /// <param name="Plan">The plan in numbers.</param>
    /// <param name="Older">Caches whose scores are taken.</param>
    /// <param name="DamagedParts">Parts of an earlier run that are made anew.</param>
    /// <param name="PartsFound">Parts of an earlier run that stay.</param>
    public sealed record Planned(
        PlanSummary Plan, IReadOnlyList<KnownShard> Older, IReadOnlyList<string> DamagedParts, int PartsFound) : PrecomputeEvent;

    /// <summary>The forward passes begin.</summary>
    /// <param name="Rows">Distinct rows to score.</param>
    /// <param name="ArePairs">Whether they are pairs.</param>
    public sealed record ScoringStarted(long Rows, bool ArePairs) : PrecomputeEvent;

    /// <summary>So many rows are scored since <see cref="ScoringStarted"/>.</summary>
    public sealed record Scored(long Rows) : PrecomputeEvent;

    /// <summary>All rows are scored.</summary>
    public sealed record ScoringEnded : PrecomputeEvent;
}
