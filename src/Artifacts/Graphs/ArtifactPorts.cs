namespace OrtDpo.Artifacts.Graphs;

/// <summary>The names of inputs and outputs that are on-device training's own; the others are the batch's and the objective's.</summary>
public static class ArtifactPorts
{
    /// <summary>
    /// Input of models whose loss is outside: the loss's derivatives by token log-probabilities, <c>float32 [R, T]</c>.
    /// </summary>
    public const string Slopes = "slopes";

    /// <summary>Input of models with LD-DPO: the weight of tokens that the shorter completion has no place for, a scalar.</summary>
    public const string LdAlpha = "ld_alpha";

    /// <summary>
    /// Output of the training model: the global norm of the gradients as they are accumulated after its step, <c>float32 []</c>.
    /// </summary>
    public const string GradNorm = "grad_norm";

    /// <summary>Input of the training model that the runtime feeds: whether this step's gradients replace the accumulated ones.</summary>
    public const string LazyResetGrad = "lazy_reset_grad";

    // What the runtime tells inputs and outputs apart by.
    const string GradientSuffix = "_grad";

    /// <summary>The input in which the gradients of a parameter accumulate.</summary>
    public static string Buffer(string parameter) => $"{parameter}{GradientSuffix}.accumulation.buffer";

    /// <summary>The output that keeps a parameter's accumulation in the graph: <c>bool [1]</c>.</summary>
    public static string Accumulated(string parameter) => $"{parameter}{GradientSuffix}.accumulation.out";

    /// <summary>Whether the runtime takes an input or output of this name for a gradient's.</summary>
    public static bool IsOfGradient(string name) => name.EndsWith(GradientSuffix, StringComparison.Ordinal)
        || name.EndsWith(Buffer(""), StringComparison.Ordinal) || name.EndsWith(Accumulated(""), StringComparison.Ordinal);
}
