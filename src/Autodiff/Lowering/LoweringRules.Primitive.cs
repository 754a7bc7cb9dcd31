using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Lowering;

static partial class LoweringRules
{
    // α A' B', written out: ONNX Runtime's CPU has FusedMatMul in float32 only.
    static Value[] MatMul(LoweringContext c)
    {
        var product = c.B.MatMul(Operand(c, 0, "transA"), Operand(c, 1, "transB"));
        var alpha = c.Attributes.Real("alpha", 1);
        return [alpha == 1 ? product : c.B.Mul(product, c.B.Scalar(alpha, c.Type))];
    }

    static Value Operand(LoweringContext c, int input, string transposed)
    {
        var rank = c.I(input).Shape.Rank;
        return c.Attributes.Int(transposed, 0) == 0
            ? c.I(input)
            : c.B.Transpose(c.I(input), [.. Enumerable.Range(0, rank - 2).Select(i => (long)i), rank - 1, rank - 2]);
    }

    static Value[] ScatterRowsAdd(LoweringContext c) =>
        [c.B.Add("ScatterND", [c.I(0), c.B.Unsqueeze(c.I(1), -1), c.I(2)], Attributes.None.With("reduction", "add"))];

    // e^min(X, 0) / (1 + e^−|X|). ONNX Runtime's own, in float64, is 1 − 1 / (1 + e^X) for X < 0: it has lost every digit at X = −37.
    static Value[] Sigmoid(LoweringContext c)
    {
        var (b, x) = (c.B, c.I(0));
        var denominator = b.Add(b.Scalar(1, c.Type), b.Exp(b.Neg(b.Add("Abs", [x]))));
        return [b.Div(b.Exp(b.Add("Min", [x, b.Scalar(0, c.Type)])), denominator)];
    }

    // max(X, 0) + log(1 + e^−|X|): exp overflows for X > 88 in float32. With y = e^−|X| and u = 1 + y as rounded, log(1 + y) is
    // log u + (y − (u − 1)) / u to the last digit, also where u is 1 and y is not 0.
    static Value[] Softplus(LoweringContext c)
    {
        var (b, x, one) = (c.B, c.I(0), c.B.Scalar(1, c.Type));
        var y = b.Exp(b.Neg(b.Add("Abs", [x])));
        var u = b.Add(one, y);
        var tail = b.Add(b.Log(u), b.Div(b.Sub(y, b.Sub(u, one)), u));
        return [b.Add(b.Add("Max", [x, b.Scalar(0, c.Type)]), tail)];
    }

    static Value[] TokenLogProbs(LoweringContext c) => AtIds(c, c.B.MatMul(c.I(0), c.B.Transpose(c.I(1), 1, 0)));

    static Value[] AtIds(LoweringContext c, Value logits)
    {
        var logProbs = c.B.LogSoftmax(c.Attributes.Real("soft_cap", 0) is > 0 and var cap ? c.B.SoftCap(logits, cap) : logits);
        return [c.B.Squeeze(c.B.GatherElements(logProbs, c.B.Unsqueeze(c.I(2), 1), axis: 1), 1), logProbs];
    }
}
