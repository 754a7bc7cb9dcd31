using OrtDpo.Autodiff.Building;
using OrtDpo.Testing.Running;

namespace OrtDpo.Autodiff.Tests.Gradients;

/// <summary>Functions of operators whose gradient is zero, and of operators on integers and flags, where nobody asks for one.</summary>
static class StepCases
{
    /// <summary>Steps, tests and sizes of an input with a gradient.</summary>
    public static IReadOnlyDictionary<string, Func<TestGraph, Value>> Zeros { get; } = new Dictionary<string, Func<TestGraph, Value>>
    {
        ["Ceil"] = g => g.B.Add("Ceil", [Real(g)]),
        ["Equal"] = g => g.B.Add("Equal", [Real(g), g.Given("other", 3)]),
        ["Floor"] = g => g.B.Add("Floor", [Real(g)]),
        ["Greater"] = g => g.B.Add("Greater", [Real(g), g.Given("other", 1, 3)]),
        ["GreaterOrEqual"] = g => g.B.Add("GreaterOrEqual", [Real(g), g.Given("other")]),
        ["IsInf"] = g => g.B.Add("IsInf", [Real(g)]),
        ["IsNaN"] = g => g.B.Add("IsNaN", [Real(g)]),
        ["Less"] = g => g.B.Add("Less", [Real(g), g.Given("other", "B", "S", 3)]),
        ["LessOrEqual"] = g => g.B.Add("LessOrEqual", [Real(g), g.Given("other", "S", 1)]),
        ["NonZero"] = g => g.B.Add("NonZero", [Real(g)]),
        ["Range, of reals"] = g => g.B.Add("Range", [g.B.Scalar(0, g.Type), g.Positive("limit"), g.B.Scalar(0.25, g.Type)]),
        ["Round"] = g => g.B.Add("Round", [Real(g)]),
        ["Shape"] = g => g.B.ShapeOf(Real(g)),
        ["Shape, part of it"] = g => g.B.Add("Shape", [Real(g)], Attributes.None.With("start", -2L).With("end", -1L)),
        ["Sign"] = g => g.B.Add("Sign", [Real(g)]),
        ["Size"] = g => g.B.Add("Size", [Real(g)]),
    };

    /// <summary>Those and the operators on integers and flags.</summary>
    public static IReadOnlyDictionary<string, Func<TestGraph, Value>> All { get; } = new Dictionary<string, Func<TestGraph, Value>>(Zeros)
    {
        ["And"] = g => g.B.Add("And", [g.Flags("a", "S", 1), g.Flags("b", 4)]),
        ["Or"] = g => g.B.Add("Or", [g.Flags("a", "S", 1), g.Flags("b", "B", "S", 4)]),
        ["Not"] = g => g.B.Add("Not", [g.Flags("a", "S", 4)]),
        ["Mod"] = g => g.B.Add("Mod", [g.Ids("a", 9, "S", "M"), g.B.Int64(3)]),
        ["CumSum, of integers"] = g => g.B.Add("CumSum", [g.Ids("a", 9, "B", "S"), g.B.Int64(-1)]),
        ["Max, of integers"] = g => g.B.Add("Max", [g.Ids("a", 9, "B", "S"), g.Ids("b", 9, "S"), g.B.Int64(4)]),
        ["Range"] = g => g.B.Indices(g.Given("x", "B", "S"), axis: 1),
        ["Range, of steps"] = g => g.B.Add("Range", [g.B.Int64(2), g.B.Int64(11), g.B.Int64(3)]),
        ["ConstantOfShape"] = g => g.B.Add("ConstantOfShape", [g.B.ShapeOf(g.Given("x", "B", "S", 2))]),
        ["ConstantOfShape, of numbers"] = g => g.B.Add("ConstantOfShape", [g.B.Int64s(2, 3)]),
        ["Slice, from the middle of a symbolic dimension"] = g => g.B.Slice(g.Ids("x", 9, "M", 2), axis: 0, start: 1, end: -1),
        ["Slice, between computed bounds"] = g => g.B.Add("Slice", [g.Given("x", 9, 2), g.Ids("from", 3, 1), g.B.Int64s(7), g.B.Int64s(0)]),
        ["Split, in computed sizes"] = g =>
            g.B.Split(g.Given("x", 2, 5), axis: 1, g.B.Concat(0, g.B.SizeOf(g.Given("like", "S"), 0), g.B.Int64s(2)), parts: 2)[0],
        ["Expand, by a vector of sizes"] = g =>
            g.B.Expand(g.Flags("x", 1, 3), g.B.Concat(0, g.B.SizeOf(g.Given("like", "B", "S"), 1), g.B.Int64s(1))),
        ["Reshape, to numbers and a symbol"] = g => g.B.Add(
            "Reshape", [g.Ids("x", 9, "B", "S", 6), g.B.Concat(0, g.B.SizeOf(g.Given("like", "B"), 0), g.B.Int64s(-1, 2, 3))]),
        ["TopK"] = g => g.B.AddNode("TopK", [g.Given("x", "B", 5), g.B.Int64s(2)], outputs: 2).Outputs[1]!,
    };

    static Value Real(TestGraph g) => g.Real("x", "B", "S", 3);
}
