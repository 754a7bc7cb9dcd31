using OrtDpo.Autodiff.Building;
using OrtDpo.Testing.Running;

namespace OrtDpo.Autodiff.Tests.Gradients;

static partial class GradientCases
{
    static Dictionary<string, Func<TestGraph, Value>> Powers => new()
    {
        ["Exp"] = g => g.B.Exp(g.Real("x", 2, 3)),
        ["Log"] = g => g.B.Log(g.Positive("x", 2, 3)),
        ["Sqrt"] = g => g.B.Sqrt(g.Positive("x", 2, 3)),
        ["Reciprocal"] = g => g.B.Reciprocal(g.Positive("x", 2, 3)),
        ["Pow, square"] = g => Power(g, g.Real("x", "B", "S", 3), 2),
        ["Pow, cube"] = g => Power(g, g.Real("x", 2, 3), 3),
        ["Pow, fifth"] = g => Power(g, g.Real("x", 4), 5),
        ["Pow, first"] = g => Power(g, g.Real("x", 4), 1),
        ["Pow, to zero"] = g => Power(g, g.Real("x", 4), 0),
        ["Pow, square root"] = g => Power(g, g.Positive("x", 2, "S"), 0.5),
        ["Pow, inverse root"] = g => Power(g, g.Positive("x", 2, 3), -0.5),
        ["Pow, tensors"] = g => g.B.Add("Pow", [g.Positive("x", 2, 3), g.Real("n", 2, 3)]),
        ["Pow, broadcast"] = g => g.B.Add("Pow", [g.Positive("x", "B", 1, 3), g.Real("n", "S", 1)]),
        ["Pow, of a constant"] = g => g.B.Add("Pow", [g.B.Scalar(10_000, g.Type), g.Real("n", "S")]),
        ["Pow, integer exponents"] = g => g.B.Add("Pow", [g.Positive("x", 2, "S"), g.Ids("n", 3, "S")]),
        ["Exp, three dimensions"] = g => g.B.Exp(g.Real("x", "B", "S", 2)),
        ["Log, a number"] = g => g.B.Log(g.Positive("x")),
        ["Sin"] = g => g.B.Add("Sin", [g.Real("x", "B", "S", 2)]),
        ["Cos"] = g => g.B.Add("Cos", [g.Real("x", "B", "S", 2)]),
        ["Sin and cos of angles"] = g => g.B.Concat(-1, g.B.Add("Sin", [Angles(g)]), g.B.Add("Cos", [Angles(g)])),
    };

    static Value Power(TestGraph g, Value x, double exponent) => g.B.Add("Pow", [x, g.B.Scalar(exponent, g.Type)]);

    static Value Angles(TestGraph g)
    {
        var positions = g.Reals.Count == 0 ? g.Real("positions", "S") : g.Reals[0];
        return g.B.Mul(g.B.Unsqueeze(positions, 1), g.B.Vector([1, 0.1, 0.01], g.Type));
    }
}
