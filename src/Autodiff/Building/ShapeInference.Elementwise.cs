namespace OrtDpo.Autodiff.Building;

static partial class ShapeInference
{
    static TensorType[] Same(ShapeContext c) => [new(c.I(0).Type, c.Shape(0))];

    static TensorType[] Broadcast(ShapeContext c) => [new(c.I(0).Type, BroadcastAll(c, sameType: true))];

    // The exponent may have a type of its own.
    static TensorType[] Pow(ShapeContext c) => [new(c.I(0).Type, BroadcastAll(c, sameType: false))];

    static TensorType[] Comparison(ShapeContext c) => [new(DataType.Bool, BroadcastAll(c, sameType: true))];

    static TensorType[] Test(ShapeContext c) => [new(DataType.Bool, c.Shape(0))];

    static TensorType[] Where(ShapeContext c) => c.I(0).Type == DataType.Bool && c.I(1).Type == c.I(2).Type
        ? [new(c.I(1).Type, BroadcastAll(c, sameType: false))]
        : throw c.Wrong("the condition must be bool, and both values of one type");

    static TensorType[] Cast(ShapeContext c) => (DataType)c.Attributes.Int("to", 0) is var type && type.IsComputed()
        ? [new(type, c.Shape(0))]
        : throw c.Wrong($"element type {c.Attributes.Int("to", 0)} is not known");

    static TensorType[] CastLike(ShapeContext c) => [new(c.I(1).Type, c.Shape(0))];

    // min and max, each of which may be absent, are scalars.
    static TensorType[] Clip(ShapeContext c)
    {
        for (var i = 1; i < c.Inputs.Length; i++)
        {
            if (c.Has(i) && (c.I(i).Type != c.I(0).Type || !c.Shape(i).Elements.IsOne))
            {
                throw c.Wrong($"input {i} must be a scalar of type {c.I(0).Type}");
            }
        }

        return Same(c);
    }

    // FastGelu and BiasGelu: a bias along the last dimension, which may be absent.
    static TensorType[] Biased(ShapeContext c) => !c.Has(1) ? Same(c)
        : c.Shape(0).Rank == 0 ? throw c.Wrong("a scalar has no dimension for a bias")
        : c.Shape(1).Equals(new Shape(c.Shape(0)[-1])) ? Same(c)
        : throw c.Wrong($"the bias must have shape [{c.Shape(0)[-1]}]");

    // Outputs: the values, and which of them were kept.
    static TensorType[] Dropout(ShapeContext c) => [new(c.I(0).Type, c.Shape(0)), new(DataType.Bool, c.Shape(0))];

    static Shape BroadcastAll(ShapeContext c, bool sameType)
    {
        var shape = c.Shape(0);
        for (var i = 1; i < c.Inputs.Length; i++)
        {
            shape = Shape.Broadcast(shape, c.Shape(i)) ?? throw c.Wrong($"shapes {shape} and {c.Shape(i)} do not broadcast");
            if (sameType && c.I(i).Type != c.I(0).Type)
            {
                throw c.Wrong($"operands have types {c.I(0).Type} and {c.I(i).Type}; both must be the same");
            }
        }

        return shape;
    }
}
