namespace OrtDpo.Graph.Building;

static partial class ShapeInference
{
    static TensorType[] Same(ShapeContext c) => [new(c.I(0).Type, c.Shape(0))];

    static TensorType[] Broadcast(ShapeContext c) => [new(c.I(0).Type, BroadcastAll(c, first: 0, sameType: true))];

    static TensorType[] Comparison(ShapeContext c) => [new(DataType.Bool, BroadcastAll(c, first: 0, sameType: true))];

    static TensorType[] Where(ShapeContext c) => c.I(0).Type == DataType.Bool && c.I(1).Type == c.I(2).Type
        ? [new(c.I(1).Type, BroadcastAll(c, first: 0, sameType: false))]
        : throw c.Wrong("the condition must be bool, and both values of one type");

    static TensorType[] Cast(ShapeContext c) => Enum.IsDefined((DataType)c.Attributes.Int("to", 0))
        ? [new((DataType)c.Attributes.Int("to", 0), c.Shape(0))]
        : throw c.Wrong($"element type {c.Attributes.Int("to", 0)} is not known");

    static Shape BroadcastAll(ShapeContext c, int first, bool sameType)
    {
        var shape = c.Shape(first);
        for (var i = first + 1; i < c.Inputs.Length; i++)
        {
            shape = Shape.Broadcast(shape, c.Shape(i)) ?? throw c.Wrong($"shapes {shape} and {c.Shape(i)} do not broadcast");
            if (sameType && c.I(i).Type != c.I(first).Type)
            {
                throw c.Wrong($"operands have types {c.I(first).Type} and {c.I(i).Type}; both must be the same");
            }
        }

        return shape;
    }
}
