using OrtDpo.Autodiff.Building;
using OrtDpo.Testing.Running;

namespace OrtDpo.Autodiff.Tests.Gradients;

// Every elementwise rule at every rank, and every one of two operands in every way to broadcast.
static partial class GradientCases
{
    static string[] Unary =>
        ["Abs", "Cos", "Erf", "Exp", "Gelu", "Identity", "LeakyRelu", "Neg", "Relu", "Sigmoid", "Sin", "Softplus", "Tanh"];

    static string[] UnaryOfPositive => ["Log", "Reciprocal", "Sqrt"];

    static string[] Binary => ["Add", "Div", "Max", "Min", "Mul", "Pow", "Sub"];

    static Dim[][] Ranks => [[], [3], ["B", "S", 3], ["B", 2, "S", 1]];

    static (Dim[] A, Dim[] B)[] Broadcasts =>
        [([2, 3], []), ([], ["B", "S"]), (["B", "S", 3], [3]), ([3], ["B", "S", 3]), ([2, 1, 3], ["S", 1]), (["B", 2, "S", 3], [2, 1, 3])];

    static IEnumerable<KeyValuePair<string, Func<TestGraph, Value>>> EveryRank =>
        from op in Unary.Concat(UnaryOfPositive)
        from shape in Ranks
        select KeyValuePair.Create<string, Func<TestGraph, Value>>(
            $"{op} of {new Shape(shape)}", g => g.B.Add(op, [UnaryOfPositive.Contains(op) ? g.Positive("x", shape) : g.Real("x", shape)]));

    static IEnumerable<KeyValuePair<string, Func<TestGraph, Value>>> EveryBroadcast =>
        from op in Binary
        from shapes in Broadcasts
        select KeyValuePair.Create<string, Func<TestGraph, Value>>(
            $"{op} of {new Shape(shapes.A)} and {new Shape(shapes.B)}",
            g => g.B.Add(op, [g.Positive("a", shapes.A), g.Positive("b", shapes.B)]));
}
