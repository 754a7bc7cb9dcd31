using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Gradients;

// ONNX Runtime's fusion of a residual sum with the norm after it: Y = norm(S), S = input + skip + bias, which may be handed on as output 3.
static partial class GradientRules
{
    const float SkipNormEpsilon = 1e-12f;

    // As LayerNormalization of S; dinput = dskip = dbias = dS.
    static void SkipLayerNormalization(GradientContext c)
    {
        var (b, sum) = (c.B, SkipSum(c, bias: 4));
        var statistics = b.AddNode("LayerNormalization", [sum, c.I(2)], SkipAttributes(c), outputs: 3).Outputs;
        var normalised = b.Mul(b.Sub(sum, statistics[1]!), statistics[2]!);
        AddSkipGradients(c, LayerNormInput(c, c.I(2), normalised, statistics[2]!, sum.Shape.Rank - 1), bias: 4);
        c.Add(2, () => b.Mul(c.GO(), normalised));
        if (c.Has(3))
        {
            c.Add(3, c.GO());
        }
    }

    // As RmsNorm of S; dinput = dskip = dbias = dS.
    static void SkipRmsNorm(GradientContext c)
    {
        var (b, sum) = (c.B, SkipSum(c, bias: 3));
        var inverse = b.RmsNorm(sum, c.I(2), c.Attributes.Real("epsilon", SkipNormEpsilon)).InverseRms;
        var normalised = b.Mul(sum, inverse);
        AddSkipGradients(c, RmsNormInput(c, c.I(2), normalised, inverse), bias: 3);
        c.Add(2, () => b.Mul(c.GO(), normalised));
    }

    static Value SkipSum(GradientContext c, int bias)
    {
        c.NoGradientOfOutput(1);
        c.NoGradientOfOutput(2);
        var sum = c.B.Add(c.I(0), c.I(1));
        return c.Node.Outputs.Length > 3 ? c.O(3) : c.Has(bias) ? c.B.Add(sum, c.I(bias)) : sum;
    }

    static void AddSkipGradients(GradientContext c, Value gradient, int bias)
    {
        var total = c.HasGO(3) ? c.B.Add(gradient, c.GO(3)) : gradient;
        c.Add(0, total);
        c.Add(1, total);
        if (c.Has(bias))
        {
            c.Add(bias, total);
        }
    }

    static Attributes SkipAttributes(GradientContext c) =>
        Attributes.None.With("axis", -1L).With("epsilon", c.Attributes.Real("epsilon", SkipNormEpsilon));
}
