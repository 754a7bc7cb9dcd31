using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Gradients;

static partial class GradientRules
{
    // Y = α A' B' with A' = A or Aᵀ, B' = B or Bᵀ: dA' = α dY B'ᵀ, dB' = α A'ᵀ dY.
    static void MatMul(GradientContext c)
    {
        var (b, a, w, g) = (c.B, c.I(0), c.I(1), c.GO());
        var transA = c.Attributes.Int("transA", 0) != 0;
        var transB = c.Attributes.Int("transB", 0) != 0;
        var alpha = c.Attributes.Real("alpha", 1);
        if (c.Needs(0))
        {
            c.Add(0, transA ? b.FusedMatMul(w, g, transB, transB: true, alpha) : b.FusedMatMul(g, w, transB: !transB, alpha: alpha));
        }

        if (!c.Needs(1))
        {
            return;
        }

        if (IsWeight(c) && !transA && alpha == 1)
        {
            // One matrix product over all positions, in the form that can add into a buffer in place.
            var g2 = b.Reshape(g, new Shape(Rows(g), g.Shape[-1]));
            var a2 = b.Reshape(a, new Shape(Rows(a), a.Shape[-1]));
            c.Add(1, transB ? b.Gemm(g2, a2, transA: true) : b.Gemm(a2, g2, transA: true));
        }
        else
        {
            c.Add(1, transB
                ? b.FusedMatMul(g, a, transA: true, transB: transA, alpha)
                : b.FusedMatMul(a, g, transA: !transA, alpha: alpha));
        }

        static Dim Rows(Value x) => new Shape(x.Shape.Take(x.Shape.Rank - 1)).Elements;
    }

    // Y = α A' B' + β C: dA' = α dY B'ᵀ, dB' = α A'ᵀ dY, dC = β dY.
    static void Gemm(GradientContext c)
    {
        var (b, x, w, g) = (c.B, c.I(0), c.I(1), c.GO());
        var transA = c.Attributes.Int("transA", 0) != 0;
        var transB = c.Attributes.Int("transB", 0) != 0;
        var alpha = c.Attributes.Real("alpha", 1);
        var beta = c.Attributes.Real("beta", 1);
        c.Add(0, () => transA ? b.Gemm(w, g, transA: transB, transB: true, alpha: alpha) : b.Gemm(g, w, transB: !transB, alpha: alpha));
        c.Add(1, () => transB ? b.Gemm(g, x, transA: true, transB: transA, alpha: alpha) : b.Gemm(x, g, transA: !transA, alpha: alpha));
        if (c.Has(2))
        {
            c.Add(2, () => beta == 1 ? g : b.Mul(g, b.Scalar(beta, c.Type)));
        }
    }

    static bool IsWeight(GradientContext c) => c.I(1).Shape is { Rank: 2 } shape && shape.All(dim => dim.Value is not null);
}
