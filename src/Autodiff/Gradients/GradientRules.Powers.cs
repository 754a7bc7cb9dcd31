using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Gradients;

static partial class GradientRules
{
    // Y = A^B: dA = dY · B · A^(B − 1), dB = dY · Y · log A, both 0 where their factor B or A is 0.
    static void Pow(GradientContext c)
    {
        var (b, a, exponent) = (c.B, c.I(0), c.I(1));
        if (c.Needs(0))
        {
            c.Add(0, b.Constants.GetValueOrDefault(exponent)?.Scalar is { } n ? PowerSlope(c, n) : GeneralSlope());
        }

        c.Add(1, () => b.Cast(b.Where(IsZero(a), Zero(a.Type), b.Mul(c.GO(), b.Mul(c.O(), b.Log(a)))), exponent.Type));

        Value GeneralSlope()
        {
            var power = b.Add("Pow", [a, b.Sub(exponent, One(exponent.Type))]);
            var slope = b.Where(IsZero(exponent), Zero(a.Type), b.Mul(b.Cast(exponent, a.Type), power));
            return b.Mul(c.GO(), slope);
        }

        Value IsZero(Value x) => b.Add("Equal", [x, Zero(x.Type)]);

        Value Zero(DataType type) => b.Cast(b.Scalar(0, DataType.Float32), type);

        Value One(DataType type) => b.Cast(b.Scalar(1, DataType.Float32), type);
    }

    // dA = dY · n · A^(n − 1), without the power where a product or Y itself does.
    static Value PowerSlope(GradientContext c, double n)
    {
        var (b, a, g) = (c.B, c.I(0), c.GO());
        return n switch
        {
            0 => b.Mul(g, b.Scalar(0, c.Type)),
            1 => g,
            _ => b.Mul(b.Mul(g, b.Scalar(n, c.Type)), n switch
            {
                2 => a,
                3 => b.Mul(a, a),
                0.5 => b.Reciprocal(c.O()),
                _ => b.Add("Pow", [a, b.Scalar(n - 1, c.Type)]),
            }),
        };
    }

    // dX = dY / X.
    static void Log(GradientContext c) => c.Add(0, c.B.Div(c.GO(), c.I(0)));

    // dX = dY · Y.
    static void Exp(GradientContext c) => c.Add(0, c.B.Mul(c.GO(), c.O()));

    // dX = −dY · Y².
    static void Reciprocal(GradientContext c) => c.Add(0, c.B.Neg(c.B.Mul(c.GO(), c.B.Mul(c.O(), c.O()))));

    // dX = dY / (2 Y).
    static void Sqrt(GradientContext c) => c.Add(0, c.B.Div(c.GO(), c.B.Mul(c.B.Scalar(2, c.Type), c.O())));

    // dX = dY · cos X.
    static void Sin(GradientContext c) => c.Add(0, c.B.Mul(c.GO(), c.B.Add("Cos", [c.I(0)])));

    // dX = −dY · sin X.
    static void Cos(GradientContext c) => c.Add(0, c.B.Neg(c.B.Mul(c.GO(), c.B.Add("Sin", [c.I(0)]))));
}
