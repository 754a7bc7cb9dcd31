namespace OrtDpo.Graph.Gradients;

static partial class GradientRules
{
    // Y = A + B: dA = dB = dY.
    static void Add(GradientContext c)
    {
        c.Add(0, c.GO());
        c.Add(1, c.GO());
    }

    // Y = A − B: dA = dY, dB = −dY.
    static void Sub(GradientContext c)
    {
        c.Add(0, c.GO());
        c.Add(1, () => c.B.Neg(c.GO()));
    }

    // Y = A · B: dA = dY · B, dB = dY · A.
    static void Mul(GradientContext c)
    {
        c.Add(0, () => c.B.Mul(c.GO(), c.I(1)));
        c.Add(1, () => c.B.Mul(c.GO(), c.I(0)));
    }

    // Y = A / B: dA = dY / B, dB = −dY · Y / B.
    static void Div(GradientContext c)
    {
        c.Add(0, () => c.B.Div(c.GO(), c.I(1)));
        c.Add(1, () => c.B.Neg(c.B.Div(c.B.Mul(c.GO(), c.O()), c.I(1))));
    }

    // dX = dY.
    static void Identity(GradientContext c) => c.Add(0, c.GO());

    // dX = dY in the type of X.
    static void Cast(GradientContext c) => c.Add(0, c.B.Cast(c.GO(), c.I(0).Type));

    // dX = −dY.
    static void Neg(GradientContext c) => c.Add(0, c.B.Neg(c.GO()));

    // dX = dY · Y.
    static void Exp(GradientContext c) => c.Add(0, c.B.Mul(c.GO(), c.O()));

    // dX = dY / X.
    static void Log(GradientContext c) => c.Add(0, c.B.Div(c.GO(), c.I(0)));

    // dX = −dY · Y².
    static void Reciprocal(GradientContext c) => c.Add(0, c.B.Neg(c.B.Mul(c.GO(), c.B.Mul(c.O(), c.O()))));

    // dX = dY / (2 Y).
    static void Sqrt(GradientContext c) => c.Add(0, c.B.Div(c.GO(), c.B.Mul(c.B.Scalar(2, c.Type), c.O())));

    // dX = dY · Y · (1 − Y).
    static void Sigmoid(GradientContext c) =>
        c.Add(0, c.B.Mul(c.GO(), c.B.Mul(c.O(), c.B.Sub(c.B.Scalar(1, c.Type), c.O()))));

    // Y = log(1 + e^X): dX = dY · sigmoid(X).
    static void Softplus(GradientContext c) => c.Add(0, c.B.Mul(c.GO(), c.B.Sigmoid(c.I(0))));

    // Y = A where C, else B: dA = dY where C, else 0; dB the other way round.
    static void Where(GradientContext c)
    {
        var zero = c.B.Scalar(0, c.Type);
        c.Add(1, () => c.B.Where(c.I(0), c.GO(), zero));
        c.Add(2, () => c.B.Where(c.I(0), zero, c.GO()));
    }
}
