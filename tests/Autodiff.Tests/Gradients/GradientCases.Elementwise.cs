using OrtDpo.Autodiff.Building;
using OrtDpo.Testing.Running;

namespace OrtDpo.Autodiff.Tests.Gradients;

static partial class GradientCases
{
    static Dictionary<string, Func<TestGraph, Value>> Elementwise => new()
    {
        ["Add"] = g => g.B.Add(g.Real("a", 2, 3), g.Real("b", 2, 3)),
        ["Add, rows"] = g => g.B.Add(g.Real("a", "B", "S", 4), g.Real("b", 4)),
        ["Add, both stretched"] = g => g.B.Add(g.Real("a", "B", 1, 4), g.Real("b", "S", 1)),
        ["Add, scalar"] = g => g.B.Add(g.Real("a"), g.Real("b", 2, 3)),
        ["Add, to itself"] = g => Twice(g, g.B.Add),
        ["Sub"] = g => g.B.Sub(g.Real("a", 4), g.Real("b", 2, 1, 4)),
        ["Mul"] = g => g.B.Mul(g.Real("a", 2, 3), g.Real("b", 2, 3)),
        ["Mul, by a column"] = g => g.B.Mul(g.Real("a", "M", 3), g.Real("b", "M", 1)),
        ["Mul, by itself"] = g => Twice(g, g.B.Mul),
        ["Div"] = g => g.B.Div(g.Real("a", 2, 3), g.Positive("b", 3)),
        ["Div, of a scalar"] = g => g.B.Div(g.Real("a"), g.Positive("b", "B", "S")),
        ["Neg"] = g => g.B.Neg(g.Real("x", 2, 3)),
        ["Identity"] = g => g.B.Add("Identity", [g.Real("x", 2)]),
        ["Where"] = g => g.B.Where(g.Flags("c", 2, 3), g.Real("a", 2, 3), g.Real("b", 2, 3)),
        ["Where, broadcast"] = g => g.B.Where(g.Flags("c", 3, 1), g.Real("a", 4), g.Real("b")),
        ["Add, several ranks"] = g => g.B.Add(g.Real("a", "B", 2, "S", 3), g.Real("b", 2, 1, 3)),
        ["Cast, to the same type"] = g => g.B.Add("Cast", [g.Real("x", 2, 3)], Attributes.None.With("to", (long)g.Type)),
        ["CastLike"] = g => g.B.Add("CastLike", [g.Real("x", "B", 3), g.Given("like", 1)]),
        ["Dropout"] = g => g.B.AddNode("Dropout", [g.Real("x", "B", 3)], outputs: 2).Output,
        ["Dropout, of a rate"] = g => g.B.Add("Dropout", [g.Real("x", 4), g.B.Scalar(0.5, g.Type)]),
        ["Dropout, not training"] = g =>
            g.B.Add(
                "Dropout", [g.Real("x", 2, "S", 3), g.B.Scalar(0.5, g.Type), g.B.Constant(new[] { false }, DataType.Bool, Shape.Scalar)]),
        ["Where, of four dimensions"] = g => g.B.Where(g.Flags("c", "S", "S"), g.Real("a", "B", 2, "S", "S"), g.B.Scalar(-4, g.Type)),
    };
}
