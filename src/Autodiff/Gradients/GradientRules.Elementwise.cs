namespace OrtDpo.Autodiff.Gradients;

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

    static void CastLike(GradientContext c)
    {
        Cast(c);
        c.Zero(1);
    }

    // dX = −dY.
    static void Neg(GradientContext c) => c.Add(0, c.B.Neg(c.GO()));

    // dX = dY: a dropout that does not train keeps everything.
    static void Dropout(GradientContext c)
    {
        if (c.Has(2) && !(c.B.Constants.GetValueOrDefault(c.I(2))?.Data is bool[] { Length: 1 } trains && !trains[0]))
        {
            throw c.Unsupported("it drops values while training; export the model for inference");
        }

        c.Add(0, c.GO());
    }

    // Y = A where C, else B: dA = dY where C, else 0; dB the other way round.
    static void Where(GradientContext c)
    {
        var zero = c.B.Scalar(0, c.Type);
        c.Add(1, () => c.B.Where(c.I(0), c.GO(), zero));
        c.Add(2, () => c.B.Where(c.I(0), zero, c.GO()));
    }
}
