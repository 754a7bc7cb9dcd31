using OrtDpo.Export;
using OrtDpo.Precompute;
using OrtDpo.Train;

namespace OrtDpo.Demo;

/// <summary>What the demo tells while it runs: of each stage that it begins, what it tells, and its result, in this order.</summary>
public abstract record DemoEvent
{
    /// <summary>Stage 1 begins.</summary>
    public sealed record PrecomputeBegun(PrecomputeRequest Request) : DemoEvent;

    /// <summary>What stage 1 tells.</summary>
    public sealed record PrecomputeTold(PrecomputeEvent Told) : DemoEvent;

    /// <summary>Stage 1 is done.</summary>
    public sealed record Precomputed(PrecomputeResult Result) : DemoEvent;

    /// <summary>Stage 2 begins.</summary>
    /// <param name="Request">What it is asked to do.</param>
    /// <param name="Reference">The reference cache.</param>
    public sealed record TrainBegun(TrainRequest Request, string Reference) : DemoEvent;

    /// <summary>What stage 2 tells.</summary>
    public sealed record TrainTold(TrainEvent Told) : DemoEvent;

    /// <summary>Stage 2 is done.</summary>
    public sealed record Trained(TrainResult Result) : DemoEvent;

    /// <summary>Stage 3 begins.</summary>
    /// <param name="Run">The run whose policy is exported.</param>
    /// <param name="Out">The folder to make.</param>
    public sealed record ExportBegun(string Run, string Out) : DemoEvent;

    /// <summary>Stage 3 is done.</summary>
    public sealed record Exported(ExportResult Result) : DemoEvent;
}
