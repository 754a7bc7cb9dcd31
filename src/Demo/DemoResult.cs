using OrtDpo.Export;
using OrtDpo.Precompute;
using OrtDpo.Runs;
using OrtDpo.Train;

namespace OrtDpo.Demo;

/// <summary>What the demo made and found.</summary>
public sealed record DemoResult
{
    /// <summary>The reference cache.</summary>
    public required PrecomputeResult Precomputed { get; init; }

    /// <summary>The run, and the tuned policy in Hugging Face's layout.</summary>
    public required TrainResult Trained { get; init; }

    /// <summary>The tuned policy as an ONNX model, and how far it is from the one that was trained.</summary>
    public required ExportResult Exported { get; init; }

    /// <summary>The prompts that were put to both models; none of them is trained on.</summary>
    public required IReadOnlyList<DemoAnswer> Answers { get; init; }

    /// <summary>How long stage 1 took.</summary>
    public required TimeSpan PrecomputeTime { get; init; }

    /// <summary>How long stage 2 took, its evaluations included.</summary>
    public required TimeSpan TrainTime { get; init; }

    /// <summary>How long stage 3 took.</summary>
    public required TimeSpan ExportTime { get; init; }

    /// <summary>Pairs that were trained on in a second of <see cref="TrainTime"/>.</summary>
    public required double PairsPerSecond { get; init; }

    /// <summary>The metrics of the held-out pairs before the first step.</summary>
    public MetricsLine Before => Trained.Evaluations[0];

    /// <summary>The metrics of the held-out pairs after the last step.</summary>
    public MetricsLine After => Trained.Evaluations[^1];

    /// <summary>How long the three stages took; the answers are not in it.</summary>
    public TimeSpan Elapsed => PrecomputeTime + TrainTime + ExportTime;
}

/// <summary>One prompt and how it is continued greedily, before and after tuning.</summary>
/// <param name="Prompt">The prompt.</param>
/// <param name="Before">The continuation by the model as it was.</param>
/// <param name="After">The continuation by the exported policy.</param>
public sealed record DemoAnswer(string Prompt, string Before, string After);
