using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Gradients;

static partial class GradientRules
{
    // dX = dY · Y · (1 − Y).
    static void Sigmoid(GradientContext c) =>
        c.Add(0, c.B.Mul(c.GO(), c.B.Mul(c.O(), c.B.Sub(c.B.Scalar(1, c.Type), c.O()))));

    // dX = dY · (1 − Y²).
    static void Tanh(GradientContext c) =>
        c.Add(0, c.B.Mul(c.GO(), c.B.Sub(c.B.Scalar(1, c.Type), c.B.Mul(c.O(), c.O()))));

    // Y = log(1 + e^X): dX = dY · sigmoid(X).
    static void Softplus(GradientContext c) => c.Add(0, c.B.Mul(c.GO(), c.B.Sigmoid(c.I(0))));

    // dX = dY · 2/√π · e^(−X²).
    static void Erf(GradientContext c)
    {
        var slope = c.B.Mul(c.B.Scalar(2 / Math.Sqrt(Math.PI), c.Type), c.B.Exp(c.B.Neg(c.B.Mul(c.I(0), c.I(0)))));
        c.Add(0, c.B.Mul(c.GO(), slope));
    }

    static void Gelu(GradientContext c) =>
        c.Add(0, c.B.Mul(c.GO(), c.Attributes.String("approximate") == "tanh" ? TanhGeluSlope(c, c.I(0)) : ErfGeluSlope(c, c.I(0))));

    // Y = gelu(A + B): dA = dB = dY · gelu'(A + B).
    static void BiasGelu(GradientContext c) => Biased(c, ErfGeluSlope);

    static void FastGelu(GradientContext c) => Biased(c, TanhGeluSlope);

    // Y = X · s, s = sigmoid(α X): dX = dY · s · (1 + α X (1 − s)).
    static void QuickGelu(GradientContext c)
    {
        var b = c.B;
        var one = b.Scalar(1, c.Type);
        var scaled = b.Mul(c.I(0), b.Scalar(c.Attributes.Real("alpha", 1.702f), c.Type));
        var gate = b.Sigmoid(scaled);
        c.Add(0, b.Mul(c.GO(), b.Mul(gate, b.Add(one, b.Mul(scaled, b.Sub(one, gate))))));
    }

    static void Biased(GradientContext c, Func<GradientContext, Value, Value> slope)
    {
        var gradient = c.B.Mul(c.GO(), slope(c, c.Has(1) ? c.B.Add(c.I(0), c.I(1)) : c.I(0)));
        c.Add(0, gradient);
        if (c.Has(1))
        {
            c.Add(1, gradient);
        }
    }

    // gelu(x) = x Φ(x), Φ the normal distribution: gelu'(x) = Φ(x) + x φ(x), Φ = ½ (1 + erf(x/√2)), φ = e^(−x²/2) / √(2π).
    static Value ErfGeluSlope(GradientContext c, Value x)
    {
        var b = c.B;
        var distribution = b.Mul(Number(0.5), b.Add(Number(1), b.Add("Erf", [b.Mul(x, Number(Math.Sqrt(0.5)))])));
        var density = b.Mul(Number(1 / Math.Sqrt(2 * Math.PI)), b.Exp(b.Mul(Number(-0.5), b.Mul(x, x))));
        return b.Add(distribution, b.Mul(x, density));

        Value Number(double value) => b.Scalar(value, c.Type);
    }

    // gelu(x) ≈ ½ x (1 + t), t = tanh(k (x + a x³)): gelu'(x) = ½ (1 + t) + ½ x (1 − t²) k (1 + 3 a x²), k = √(2/π), a = 0.044715.
    static Value TanhGeluSlope(GradientContext c, Value x)
    {
        var b = c.B;
        var (k, a) = (Math.Sqrt(2 / Math.PI), 0.044715);
        var square = b.Mul(x, x);
        var t = b.Add("Tanh", [b.Mul(x, b.Add(Number(k), b.Mul(Number(k * a), square)))]);
        var inner = b.Add(Number(0.5 * k), b.Mul(Number(1.5 * k * a), square));
        var tail = b.Mul(b.Mul(x, inner), b.Sub(Number(1), b.Mul(t, t)));
        return b.Add(b.Mul(Number(0.5), b.Add(Number(1), t)), tail);

        Value Number(double value) => b.Scalar(value, c.Type);
    }
}
