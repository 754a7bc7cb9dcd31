namespace OrtDpo.Graph.Building;

static partial class ShapeInference
{
    static TensorType[] Gather(ShapeContext c)
    {
        var (data, indices) = (c.Shape(0), c.Shape(1));
        var axis = data.Axis(c.Attributes.Int("axis", 0));
        return [new(c.I(0).Type, new Shape([.. data.Take(axis), .. indices, .. data.Skip(axis + 1)]))];
    }

    static TensorType[] GatherElements(ShapeContext c) => [new(c.I(0).Type, c.Shape(1))];

    // hidden [M, H], weight [V, H], ids [M] -> log-probabilities of the ids [M], of all tokens [M, V].
    static TensorType[] TokenLogProbs(ShapeContext c)
    {
        var (hidden, weight, ids) = (c.Shape(0), c.Shape(1), c.Shape(2));
        return hidden.Rank == 2 && weight.Rank == 2 && ids.Rank == 1 && hidden[1] == weight[1] && hidden[0] == ids[0]
            ? [new(c.I(0).Type, ids), new(c.I(0).Type, new Shape(hidden[0], weight[0]))]
            : throw c.Wrong("expected hidden [M, H], weight [V, H], ids [M]");
    }
}
