using OrtDpo.Autodiff.Building;
using OrtDpo.Testing.Running;

namespace OrtDpo.Autodiff.Tests.Gradients;

static partial class GradientCases
{
    static Dictionary<string, Func<TestGraph, Value>> Shapes => new()
    {
        ["Concat"] = g => g.B.Concat(1, g.Real("a", 2, 3), g.Real("b", 2, 1), g.Real("c", 2, 2)),
        ["Concat, symbolic"] = g => g.B.Concat(-1, g.Real("a", 2, "S"), g.Real("b", 2, "S")),
        ["Expand"] = g => g.B.ExpandLike(g.Real("x", 1, 3), g.Given("like", "B", "S", 3)),
        ["Reshape"] = g => g.B.Reshape(g.Real("x", "B", "S", 4), new Shape("B", "S", 2, 2)),
        ["Reshape, merged"] = g => g.B.Reshape(g.Real("x", "B", "S", 4), new Shape((Dim)"B" * "S", 4)),
        ["Slice"] = g => g.B.Slice(g.Real("x", 2, 5), axis: 1, start: 1, end: 4),
        ["Slice, negative"] = g => g.B.Slice(g.Real("x", "B", 5, "S"), axis: -2, start: -2, end: long.MaxValue),
        ["Split"] = g => Weighted(g, g.B.Split(g.Real("x", 2, "B", 6), axis: -1, parts: 3)),
        ["Split, one part used"] = g => g.B.Split(g.Real("x", 2, 6), axis: 1, parts: 3)[1],
        ["Split, sizes"] = g => g.B.Mul(g.B.Split(g.Real("x", 2, 6), axis: 1, sizes: [4, 2])[0], g.Real("w", 2, 4)),
        ["Squeeze"] = g => g.B.Squeeze(g.Real("x", "B", 1, 3, 1), 1, -1),
        ["Transpose"] = g => g.B.Transpose(g.Real("x", "B", "S", 2, 4), 0, 2, 3, 1),
        ["Unsqueeze"] = g => g.B.Unsqueeze(g.Real("x", "B", 3), 0, -1),
        ["Expand, in four dimensions"] = g =>
            g.B.ExpandLike(g.B.Unsqueeze(g.Real("x", "B", 2, "S", 3), 2), g.Given("like", "B", 2, 4, "S", 3)),
        ["Expand, by numbers"] = g => g.B.Expand(g.Real("x", 3, 1), g.B.Int64s(2, 1, 4)),
        ["Tile"] = g => g.B.Add("Tile", [g.Real("x", "B", 3), g.B.Int64s(2, 3)]),
        ["Tile, one axis"] = g => g.B.Add("Tile", [g.Real("x", 2, 1, "S"), g.B.Int64s(1, 4, 1)]),
        ["Flatten"] = g => g.B.Add("Flatten", [g.Real("x", "B", "S", 4)], Attributes.None.With("axis", 2L)),
        ["Flatten, negative axis"] = g => g.B.Add("Flatten", [g.Real("x", 2, 3, 4)], Attributes.None.With("axis", -2L)),
        ["Concat, unequal and symbolic"] = g => g.B.Concat(-2, g.Real("a", 2, "S", 3), g.Real("b", 2, "M", 3)),
        ["Concat, a symbol and a number"] = g => g.B.Concat(1, g.Real("a", "B", "S"), g.Real("b", "B", 2)),
        ["Split, symbolic parts"] = g =>
            Weighted(g, g.B.Split(g.B.Concat(1, g.Real("a", 2, "S"), g.Real("b", 2, "S"), g.Real("c", 2, "S")), axis: 1, parts: 3)),
        ["Split, negative axis, three sizes"] = g =>
            g.B.Mul(g.B.Split(g.Real("x", "B", 6, "S"), axis: -2, sizes: [1, 2, 3])[2], g.Real("w", 3, 1)),
        ["Split, unequal"] = g => g.B.Mul(g.B.Split(g.Real("x", 5, 2), axis: 0, parts: 2)[1], g.Real("w", 2)),
        ["Squeeze, all"] = g => g.B.Add("Squeeze", [g.Real("x", 1, "B", 1, 3)]),
        ["Transpose, default"] = g => g.B.Add("Transpose", [g.Real("x", "B", "S", 2)]),
        ["Trilu"] = g => g.B.Add("Trilu", [g.Real("x", "S", "S")]),
        ["Trilu, below, shifted"] = g => g.B.Add("Trilu", [g.Real("x", "B", 3, 4), g.B.Int64(-1)], Attributes.None.With("upper", 0L)),
        ["Reshape, to another's shape"] = g =>
            g.B.Add("Reshape", [g.Real("x", (Dim)"B" * "S", 4), g.B.ShapeOf(g.Given("like", "B", "S", 4))]),
        ["Slice, two axes"] = g =>
            g.B.Add("Slice", [g.Real("x", "B", 5, 4), g.B.Int64s(1, 0), g.B.Int64s(4, -1), g.B.Int64s(1, -1)]),
        ["Slice, steps"] = g => g.B.Add("Slice", [g.Real("x", 2, 5), g.B.Int64s(0), g.B.Int64s(5), g.B.Int64s(1), g.B.Int64s(2)]),
        ["Slice, backwards"] = g =>
            g.B.Add("Slice", [g.Real("x", 5, "S"), g.B.Int64s(-1), g.B.Int64s(long.MinValue + 1), g.B.Int64s(0), g.B.Int64s(-2)]),
        ["Slice, a symbolic dimension backwards"] = g =>
            g.B.Add("Slice", [g.Real("x", 2, "S", 3), g.B.Int64s(-1), g.B.Int64s(long.MinValue + 1), g.B.Int64s(1), g.B.Int64s(-1)]),
        ["Slice, the last of a symbolic dimension"] = g => g.B.Slice(g.Real("x", "B", "S", 3), axis: 1, start: -1, end: long.MaxValue),
        ["Slice, the first of a symbolic dimension"] = g => g.B.Slice(g.Real("x", "B", "S", 3), axis: -2, start: 0, end: 2),
        ["Slice, to a symbolic end"] = g =>
            g.B.Add("Slice", [g.Real("x", 7, 9), g.B.Int64s(0, 0), g.B.ShapeOf(g.Given("like", "S", "M"))]),
        ["Slice, two symbolic axes, one with steps"] = g => g.B.Add(
            "Slice", [g.Real("x", "B", "S", "M"), g.B.Int64s(0, 0), g.B.Int64s(2, long.MaxValue), g.B.Int64s(2, 1), g.B.Int64s(1, 2)]),
    };
}
