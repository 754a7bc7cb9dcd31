using OrtDpo.Autodiff.Building;
using OrtDpo.Testing.Running;

namespace OrtDpo.Autodiff.Tests.Gradients;

/// <summary>Functions whose gradients are checked: for each rule several ranks, a broadcast, a negative axis, where these exist.</summary>
static partial class GradientCases
{
    public static IReadOnlyDictionary<string, Func<TestGraph, Value>> Rules { get; } =
        new IEnumerable<KeyValuePair<string, Func<TestGraph, Value>>>[]
        {
            Elementwise, Powers, Activations, Kinks, MatMuls, Reductions, Normalization,
            Shapes, Indexing, Rotary, EveryRank, EveryBroadcast,
        }
        .SelectMany(topic => topic).ToDictionary();

    /// <summary>Composites; their two lowerings must agree, too.</summary>
    public static IReadOnlyDictionary<string, Func<TestGraph, Value>> Composites { get; } = new Dictionary<string, Func<TestGraph, Value>>
    {
        ["Log1mExp"] = g => g.B.Log1mExp(g.B.Neg(g.Positive("x", "B", 3))),
        ["Sort"] = g => g.B.Mul(g.B.Sort(g.Real("x", "M")), g.Real("w", "M")),
        ["Softplus"] = g => g.B.Softplus(g.Real("x", "B", 3)),
        ["RmsNorm"] = g => g.B.RmsNorm(g.Real("x", "B", "S", 6), g.Positive("scale", 6), 1e-5).Normalised,
        ["RmsNorm, rows"] = g => g.B.RmsNorm(g.Real("x", "M", 4), g.Positive("scale", 4), 1e-3).Normalised,
        ["RmsNorm, heads"] = g => g.B.RmsNorm(g.Real("x", "B", 2, "S", 4), g.Positive("scale", 4), 1e-5).Normalised,
        ["Rope"] = g => g.B.Rope(g.Real("x", "B", 2, "S", 8), g.Ids("positions", 7, "B", "S"), g.Given("cos", 7, 4), g.Given("sin", 7, 4)),
        ["Rope, a part of a head"] = g =>
            g.B.Rope(g.Real("x", "B", 2, "S", 10), g.Ids("positions", 7, "B", "S"), g.Given("cos", 7, 3), g.Given("sin", 7, 3)),
        ["Rope, a row longer than the table"] = g =>
            g.B.Rope(g.Real("x", "B", 2, "S", 4), g.Ids("positions", 2, "B", "S"), g.Given("cos", 2, 2), g.Given("sin", 2, 2)),
        ["Rope, a table as long as the row"] = g =>
            g.B.Rope(g.Real("x", "B", 2, 3, 4), g.Ids("positions", 3, "B", 3), g.Given("cos", 3, 2), g.Given("sin", 3, 2)),
        ["Rope, a line for each token"] = g =>
        {
            var tokens = (Dim)"B" * "S";
            return g.B.Rope(
                g.Real("x", "B", 2, "S", 4), g.Ids("positions", 6, "B", "S"), g.Given("cos", tokens, 2), g.Given("sin", tokens, 2));
        },
        ["TokenLogProbs"] = g => g.B.TokenLogProbs(g.Real("hidden", "M", 3), g.Real("weight", 5, 3), g.Ids("ids", 5, "M")),
        ["TokenLogProbs, capped"] = g =>
            g.B.TokenLogProbs(g.Real("hidden", "M", 3), g.Real("weight", 5, 3), g.Ids("ids", 5, "M"), softCap: 0.7),
        ["TokenLogProbs, tied"] = g =>
        {
            var weight = g.Real("weight", 5, 3);
            return g.B.TokenLogProbs(g.B.Gather(weight, g.Ids("tokens", 5, "M")), weight, g.Ids("ids", 5, "M"));
        },
    };

    public static IReadOnlyDictionary<string, Func<TestGraph, Value>> All { get; } = Rules.Concat(Composites).ToDictionary();

    static Value Flat(TestGraph g, Value x) => g.B.Reshape(x, new Shape(x.Shape[0] * x.Shape[1], x.Shape[2]));

    static Value Twice(TestGraph g, Func<Value, Value, Value> f)
    {
        var x = g.Real("x", 2, 3);
        return f(x, x);
    }

    static Value Weighted(TestGraph g, Value[] parts) => g.B.Add(g.B.Mul(parts[0], parts[2]), g.B.Exp(parts[0]));
}
