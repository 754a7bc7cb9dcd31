namespace OrtDpo.Autodiff.Building;

static partial class ShapeInference
{
    // A vector, and where each of its elements came from.
    static TensorType[] Sort(ShapeContext c) => c.Shape(0).Rank == 1
        ? [new(c.I(0).Type, c.Shape(0)), new(DataType.Int64, c.Shape(0))]
        : throw c.Wrong("expected a vector");

    // How many are wanted is a constant, or the whole length of a vector.
    static TensorType[] TopK(ShapeContext c)
    {
        var shape = c.Shape(0);
        if (c.Int64s(1) is [var count])
        {
            shape = shape.With((int)c.Attributes.Int("axis", -1), count);
        }
        else if (shape.Rank != 1 || c.Graph.Producer(c.I(1)) is not { Op.Type: "Shape" } size || size.Input(0) != c.I(0))
        {
            throw c.Wrong("the count must be a constant, or the size of a vector");
        }

        return [new(c.I(0).Type, shape), new(DataType.Int64, shape)];
    }
}
