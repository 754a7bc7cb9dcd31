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
        c.Add(0, () => b.Mul(column, b.Sub(b.Gather(weight, ids), b.MatMul(probabilities, weight))));
        if (c.Needs(1))
        {
            var rows = b.Mul(column, hidden);
            c.Add(1, b.Gemm(probabilities, b.Neg(rows), transA: true));
            c.AddRows(1, ids, rows);
        }
    }
}
