using OrtDpo.Autodiff.Building;

namespace OrtDpo.Artifacts.Graphs;

/// <summary>Inputs and outputs of a model that are its user's: not the parameters, and not what the runtime feeds by itself.</summary>
public sealed record ModelSignature(IReadOnlyList<TensorSignature> Inputs, IReadOnlyList<TensorSignature> Outputs)
{
    /// <summary>Those of a graph that <paramref name="isUsers"/> names.</summary>
    public static ModelSignature Of(OnnxGraph graph, Func<string, bool> isUsers) => new(
        [.. graph.Inputs.Where(v => isUsers(v.Name)).Select(TensorSignature.Of)],
        [.. graph.Outputs.Where(v => isUsers(v.Name)).Select(TensorSignature.Of)]);
}

/// <summary>An input or output.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type"><c>float32</c>, <c>int64</c> or <c>bool</c>.</param>
/// <param name="Shape">Its dimensions.</param>
public sealed record TensorSignature(string Name, string Type, IReadOnlyList<TensorDimension> Shape)
{
    /// <summary>That of a graph's value.</summary>
    public static TensorSignature Of(Value value) =>
        new(value.Name, value.Type.ToString().ToLowerInvariant(), [.. value.Shape.Select(TensorDimension.Of)]);
}
