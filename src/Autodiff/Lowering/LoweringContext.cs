using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Lowering;

/// <summary>What a lowering rule sees of its node: the builder of the lowered graph, and the inputs there.</summary>
sealed class LoweringContext(GraphBuilder b, Node node, Value?[] inputs)
{
    public GraphBuilder B => b;

    public Node Node => node;

    public Attributes Attributes => node.Attributes;

    public DataType Type => node.Output.Type;

    public bool Has(int index) => index < inputs.Length && inputs[index] is not null;

    public Value I(int index) => inputs[index]!;

    /// <summary>The contents of constant input <paramref name="index"/>.</summary>
    /// <exception cref="NotSupportedException">It is computed.</exception>
    public long[] Int64s(int index) => b.Constants.TryGetValue(I(index), out var constant) && constant.Int64s is { } values
        ? values
        : throw new NotSupportedException($"Node {node}: input {index} ('{I(index).Name}') must be a constant.");
}
