namespace OrtDpo.Autodiff.Building;

static partial class ShapeInference
{
    // Queries [B, heads, S, D], keys and values [B, groups, K, D], a mask [B, 1, S, K].
    static TensorType[] Attention(ShapeContext c)
    {
        var (queries, keys, values, mask) = (c.Shape(0), c.Shape(1), c.Shape(2), c.Shape(3));
        var fits = queries.Rank == 4 && keys.Rank == 4 && keys.Equals(values) && queries[0] == keys[0] && queries[3] == keys[3]
            && queries[1].DividedBy(keys[1]) is not null && mask.Rank == 4 && mask[2] == queries[2] && mask[3] == keys[2];
        return fits
            ? [new(c.I(0).Type, queries)]
            : throw c.Wrong($"queries {queries}, keys {keys}, values {values} and mask {mask} do not fit each other");
    }
}
