using System.Text.Json.Serialization;

namespace OrtDpo.Artifacts.Graphs;

/// <summary>The optimizer of artifacts: its kind and the numbers that are fixed in its model. The learning rate is the runtime's.</summary>
public sealed record ArtifactOptimizer
{
    /// <summary>What turns gradients into updates.</summary>
    public OptimizerKind Name { get; init; } = OptimizerKind.AdamW;

    /// <summary>AdamW's decay of the first moment; null for SGD.</summary>
    public double? Beta1 { get; init; } = 0.9;

    /// <summary>AdamW's decay of the second moment; null for SGD.</summary>
    public double? Beta2 { get; init; } = 0.999;

    /// <summary>Added to the root of AdamW's second moment; null for SGD.</summary>
    public double? Epsilon { get; init; } = 1e-8;

    /// <summary>AdamW's decoupled decay (arXiv:1711.05101) of everything that trains; null for SGD.</summary>
    public double? WeightDecay { get; init; } = 0;

    /// <summary>The global norm above which gradients are scaled down to it; 0: never.</summary>
    public double MaxGradNorm { get; init; } = 1;

    /// <summary>Gradient descent, w − lr · g.</summary>
    /// <param name="maxGradNorm">As <see cref="MaxGradNorm"/>.</param>
    public static ArtifactOptimizer Sgd(double maxGradNorm) => new()
    {
        Name = OptimizerKind.Sgd, Beta1 = null, Beta2 = null, Epsilon = null, WeightDecay = null, MaxGradNorm = maxGradNorm,
    };
}

/// <summary>The optimizers that ONNX Runtime's on-device training has.</summary>
public enum OptimizerKind
{
    /// <summary>AdamW as PyTorch computes it.</summary>
    [JsonStringEnumMemberName("adamw")]
    AdamW,

    /// <summary>Gradient descent without momentum.</summary>
    [JsonStringEnumMemberName("sgd")]
    Sgd,
}
