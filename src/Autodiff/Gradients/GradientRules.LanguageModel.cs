using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Gradients;

static partial class GradientRules
{
    // Y = R X with rotations R: dX = Rᵀ dY, the rotations by the negated angles.
    static void Rope(GradientContext c)
    {
        c.NoGradientOfInput(2);
        c.NoGradientOfInput(3);
        c.Add(0, c.B.Rope(c.GO(), c.I(1), c.I(2), c.B.Neg(c.I(3))));
    }

    // ONNX Runtime's own spelling of the same.
    static void RotaryEmbedding(GradientContext c)
    {
        c.NoGradientOfInput(2);
        c.NoGradientOfInput(3);
        c.Add(0, c.B.Add(c.Node.Op, [c.GO(), c.I(1), c.I(2), c.B.Neg(c.I(3))], c.Attributes));
    }

    // y = log P at the ids, log P = log softmax(H Wᵀ): dH = dy · (W[ids] − P W), dW = −Pᵀ (dy · H) + rows (dy · H) at the ids.
    // Nothing as wide as the vocabulary is scaled or subtracted: these are the largest tensors of a step.
    static void TokenLogProbs(GradientContext c)
    {
        c.NoGradientOfOutput(1);
        var (b, hidden, weight, ids) = (c.B, c.I(0), c.I(1), c.I(2));
        var column = b.Unsqueeze(c.GO(), 1);
        var probabilities = b.Exp(c.O(1));
        if (c.Attributes.Real("soft_cap", 0) is > 0 and var cap)
        {
            CappedTokenLogProbs(c, column, probabilities, cap);
            return;
        }

        c.Add(0, () => b.Mul(column, b.Sub(b.Gather(weight, ids), b.MatMul(probabilities, weight))));
        if (c.Needs(1))
        {
            var rows = b.Mul(column, hidden);
            c.Add(1, b.Gemm(probabilities, b.Neg(rows), transA: true));
            c.AddRows(1, ids, rows);
        }
    }

    // The same where a logit is the soft cap of a product, with the slope f of the cap: P · f in place of P, and W[ids] · f at the ids.
    static void CappedTokenLogProbs(GradientContext c, Value column, Value probabilities, double cap)
    {
        var (b, hidden, weight, ids) = (c.B, c.I(0), c.I(1), c.I(2));
        var slope = b.SoftCapSlope(b.SoftCap(b.Linear(hidden, weight), cap), cap);
        var pulled = b.Mul(probabilities, slope);
        var own = b.Mul(column, b.GatherElements(slope, b.Unsqueeze(ids, 1), axis: 1));
        c.Add(0, () => b.Sub(b.Mul(own, b.Gather(weight, ids)), b.Mul(column, b.MatMul(pulled, weight))));
        if (c.Needs(1))
        {
            c.Add(1, b.Gemm(pulled, b.Neg(b.Mul(column, hidden)), transA: true));
            c.AddRows(1, ids, b.Mul(own, hidden));
        }
    }
}
