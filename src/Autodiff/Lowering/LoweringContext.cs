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
}
