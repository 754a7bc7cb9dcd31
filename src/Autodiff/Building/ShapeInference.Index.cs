namespace OrtDpo.Autodiff.Building;

static partial class ShapeInference
{
    static TensorType[] Gather(ShapeContext c)
    {
        var (data, indices) = (c.Shape(0), c.Shape(1));
        var axis = data.Axis(c.Attributes.Int("axis", 0));
        return c.I(1).Type is DataType.Int64 or DataType.Int32
            ? [new(c.I(0).Type, new Shape([.. data.Take(axis), .. indices, .. data.Skip(axis + 1)]))]
            : throw c.Wrong("indices must be int64 or int32");
    }

    static TensorType[] GatherElements(ShapeContext c) => c.Shape(0).Rank == c.Shape(1).Rank
        ? [new(c.I(0).Type, c.Shape(1))]
        : throw c.Wrong("data and indices must have the same rank");

    // The last dimension of the indices counts the axes that they index, after the batch axes, which both have.
    static TensorType[] GatherND(ShapeContext c)
    {
        var (data, indices) = (c.Shape(0), c.Shape(1));
        var batch = (int)c.Attributes.Int("batch_dims", 0);
        return indices.Rank > 0 && indices[-1].Value is { } depth && batch + depth <= data.Rank && batch < indices.Rank
            ? [new(c.I(0).Type, new Shape([.. indices.Take(indices.Rank - 1), .. data.Skip(batch + (int)depth)]))]
            : throw c.Wrong($"indices of shape {indices} with {batch} batch dimensions do not index {data}");
    }

    // [rank, how many are not zero].
    static TensorType[] NonZero(ShapeContext c) => [new(DataType.Int64, new Shape(c.Shape(0).Rank, c.Unknown(1)))];

    // data [N, …], indices [M], rows [M, …].
    static TensorType[] ScatterRowsAdd(ShapeContext c)
    {
        var (data, indices, rows) = (c.Shape(0), c.Shape(1), c.Shape(2));
        return indices.Rank == 1 && rows.Equals(new Shape([indices[0], .. data.Skip(1)]))
            ? [new(c.I(0).Type, data)]
            : throw c.Wrong("expected data [N, …], indices [M], rows [M, …]");
    }

    // x [B, heads, S, D], positions [B, S], cos and sin [positions, W / 2], W at most D.
    static TensorType[] Rope(ShapeContext c)
    {
        var (x, positions, cos, sin) = (c.Shape(0), c.Shape(1), c.Shape(2), c.Shape(3));
        return x.Rank == 4 && positions.Equals(new Shape(x[0], x[2])) && cos.Rank == 2 && sin.Equals(cos)
            && (cos[1] * 2 == x[3] || (cos[1] * 2).Value < x[3].Value)
            ? [new(c.I(0).Type, x)]
            : throw c.Wrong("expected x [B, heads, S, D], positions [B, S], cos and sin [positions, at most D / 2]");
    }

    // x [B, S, heads · D] or [B, heads, S, D]; positions [B, S], or [1]: the first position.
    static TensorType[] RotaryEmbedding(ShapeContext c)
    {
        var (x, positions, cos, sin) = (c.Shape(0), c.Shape(1), c.Shape(2), c.Shape(3));
        var placed = x.Rank is 3 or 4 && (positions.Equals(new Shape(x[0], x[-2])) || positions.Equals(new Shape(1)));
        return placed && cos.Rank == 2 && sin.Equals(cos)
            ? [new(c.I(0).Type, x)]
            : throw c.Wrong("expected x [B, S, hidden] or [B, heads, S, D], positions [B, S] or [1], cos and sin [positions, D / 2]");
    }

    // hidden [M, H], weight [V, H], ids [M] -> log-probabilities of the ids [M], of all tokens [M, V].
    static TensorType[] TokenLogProbs(ShapeContext c)
    {
        var (hidden, weight, ids) = (c.Shape(0), c.Shape(1), c.Shape(2));
        return hidden.Rank == 2 && weight.Rank == 2 && ids.Rank == 1 && hidden[1] == weight[1] && hidden[0] == ids[0]
            ? [new(c.I(0).Type, ids), new(c.I(0).Type, new Shape(hidden[0], weight[0]))]
            : throw c.Wrong("expected hidden [M, H], weight [V, H], ids [M]");
    }
}
