using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Gradients;

static partial class GradientRules
{
    // Y = X in another order: dX = dY, each element back where it came from. No position occurs twice.
    static void Sort(GradientContext c)
    {
        c.NoGradientOfOutput(1);
        c.Add(0, () => c.B.Add("ScatterElements", [c.B.ZerosLike(c.I(0)), c.O(1), c.GO()], Attributes.None.With("axis", 0L)));
    }

    // Y = log(1 − e^X): dX = −dY · e^X / (1 − e^X) = −dY · e^(X − Y).
    static void Log1mExp(GradientContext c) => c.Add(0, () => c.B.Neg(c.B.Mul(c.GO(), c.B.Exp(c.B.Sub(c.I(0), c.O())))));
}
