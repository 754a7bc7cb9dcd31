using OrtDpo.Safetensors;

namespace OrtDpo.Artifacts.Checkpoints;

/// <summary>What the optimizer knows of a group of parameters; ONNX Runtime has one, <see cref="DefaultName"/>.</summary>
/// <param name="Name">The group's name.</param>
/// <param name="Step">The optimizer steps that were taken.</param>
/// <param name="InitialLearningRate">
/// The rate that schedules of the runtime begin from. It is not the rate after loading: that is 0.001 until it is set.
/// </param>
/// <param name="States">For every parameter that trains.</param>
public sealed record OptimizerGroup(string Name, long Step, float InitialLearningRate, IReadOnlyList<ParameterMoments> States)
{
    /// <summary>The name of the one group that ONNX Runtime has.</summary>
    public const string DefaultName = "group0";
}

/// <summary>The optimizer's moving averages of one parameter's gradients.</summary>
/// <param name="Parameter">The parameter's name.</param>
/// <param name="Moments">
/// float32, of the parameter's shape: AdamW's <see cref="First"/> and <see cref="Second"/>, or SGD's <see cref="First"/>, by these names.
/// </param>
public sealed record ParameterMoments(string Parameter, IReadOnlyList<TensorSource> Moments)
{
    /// <summary>The average of gradients.</summary>
    public const string First = "momentum0";

    /// <summary>The average of their squares.</summary>
    public const string Second = "momentum1";
}
