namespace OrtDpo.Models.Import;

static partial class Operators
{
    static Operand[] MatMul(ImportContext c) => [c.B.MatMul(c.V(0), c.V(1))];

    static Operand[] FusedMatMul(ImportContext c)
    {
        var (transA, transB) = (c.Attributes.Int("transA", 0) != 0, c.Attributes.Int("transB", 0) != 0);
        return c.Attributes.Int("transBatchA", 0) + c.Attributes.Int("transBatchB", 0) == 0
            ? [c.B.FusedMatMul(c.V(0), c.V(1), transA, transB, c.Attributes.Real("alpha", 1))]
            : throw c.Refused("transBatchA and transBatchB are not supported");
    }

    // α A' B' + β C as a product and a sum, whose gradients are the general ones.
    static Operand[] Gemm(ImportContext c)
    {
        var (b, alpha, beta) = (c.B, c.Attributes.Real("alpha", 1), c.Attributes.Real("beta", 1));
        var (transA, transB) = (c.Attributes.Int("transA", 0) != 0, c.Attributes.Int("transB", 0) != 0);
        var product = transA || transB || alpha != 1 ? b.FusedMatMul(c.V(0), c.V(1), transA, transB, alpha) : b.MatMul(c.V(0), c.V(1));
        if (!c.Has(2) || beta == 0)
        {
            return [product];
        }

        return [b.Add(product, beta == 1 ? c.V(2) : b.Mul(c.Real(2), b.Scalar(beta, c.I(2).Type)))];
    }

    // The outer product, which rotary positions are written with.
    static Operand[] Einsum(ImportContext c)
    {
        var equation = c.Attributes.Text("equation", "").Replace(" ", "", StringComparison.Ordinal);
        return equation is [var i, ',', var j, '-', '>', var k, var l] && i == k && j == l && i != j
            ? [c.B.Mul(c.B.Unsqueeze(c.V(0), 1), c.B.Unsqueeze(c.V(1), 0))]
            : throw c.Refused($"equation '{equation}' is not read; supported is 'i,j->ij'");
    }

    // Halves of [B, heads, S, D] rotated by the tables' angles.
    static Operand[] Rotary(ImportContext c, int positions, int cos, int sin)
    {
        var whole = c.Attributes.Int("interleaved", 0) == 0 && c.Attributes.Int("rotary_embedding_dim", 0) == 0;
        return whole && c.I(0).Shape.Rank == 4 && c.Has(positions) && c.I(positions).Shape.Rank == 2 && c.I(cos).Shape.Rank == 2
            ? [c.B.Rope(c.V(0), c.V(positions), c.V(cos), c.V(sin))]
            : throw c.Refused(
                $"x of {c.I(0).Shape} is rotated; supported are halves of [B, heads, S, D] by positions [B, S] and tables of rank 2");
    }
}
