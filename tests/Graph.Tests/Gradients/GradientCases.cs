using OrtDpo.Graph.Building;
using OrtDpo.Graph.Tests.Running;

namespace OrtDpo.Graph.Tests.Gradients;

/// <summary>Functions whose gradients are checked: for each rule several ranks, a broadcast, a negative axis, where these exist.</summary>
static class GradientCases
{
    public static IReadOnlyDictionary<string, Func<TestGraph, Value>> Rules { get; } = new Dictionary<string, Func<TestGraph, Value>>
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
        ["Exp"] = g => g.B.Exp(g.Real("x", 2, 3)),
        ["Log"] = g => g.B.Log(g.Positive("x", 2, 3)),
        ["Sqrt"] = g => g.B.Sqrt(g.Positive("x", 2, 3)),
        ["Reciprocal"] = g => g.B.Reciprocal(g.Positive("x", 2, 3)),
        ["Sigmoid"] = g => g.B.Sigmoid(g.Real("x", 2, 3)),
        ["Identity"] = g => g.B.Add("Identity", [g.Real("x", 2)]),
        ["Where"] = g => g.B.Where(g.Flags("c", 2, 3), g.Real("a", 2, 3), g.Real("b", 2, 3)),
        ["Where, broadcast"] = g => g.B.Where(g.Flags("c", 3, 1), g.Real("a", 4), g.Real("b")),

        ["MatMul"] = g => g.B.MatMul(g.Real("a", 2, 3), g.Real("b", 3, 4)),
        ["MatMul, by a weight"] = g => g.B.MatMul(g.Real("a", "B", "S", 3), g.Real("b", 3, 4)),
        ["MatMul, of a weight"] = g => g.B.MatMul(g.Real("a", 2, 3), g.Real("b", "B", 3, "S")),
        ["MatMul, heads"] = g => g.B.MatMul(g.Real("a", "B", 2, "S", 4), g.Real("b", "B", 2, 4, "S")),
        ["MatMul, symbolic matrix"] = g => g.B.MatMul(g.Real("a", 2, "S", "M"), g.Real("b", "M", 3)),
        ["MatMul, batch stretched"] = g => g.B.MatMul(g.Real("a", "B", 1, 2, 3), g.Real("b", 4, 3, 5)),
        ["Linear"] = g => g.B.Linear(g.Real("x", "B", "S", 3), g.Real("w", 5, 3)),
        ["FusedMatMul, A transposed"] = g => g.B.FusedMatMul(g.Real("a", "B", 3, 2), g.Real("b", "B", 3, 4), transA: true),
        ["FusedMatMul, B transposed, scaled"] = g => g.B.FusedMatMul(g.Real("a", "B", 2, "S", 4), g.Real("b", "B", 2, "S", 4), transB: true, alpha: 0.5f),
        ["FusedMatMul, both transposed"] = g => g.B.FusedMatMul(g.Real("a", 3, 2), g.Real("b", 4, 3), transA: true, transB: true, alpha: 0.25f),
        ["FusedMatMul, scaled weight"] = g => g.B.FusedMatMul(g.Real("a", 2, "S", 3), g.Real("b", 4, 3), transB: true, alpha: 0.5f),

        ["ReduceSum"] = g => g.B.ReduceSum(g.Real("x", 2, 3)),
        ["ReduceSum, an axis kept"] = g => g.B.ReduceSum(g.Real("x", "B", 3, "S"), keepDims: true, 1),
        ["ReduceSum, negative axes"] = g => g.B.ReduceSum(g.Real("x", "B", 3, "S"), keepDims: false, -1, -3),
        ["ReduceMean"] = g => g.B.ReduceMean(g.Real("x", "B", "S")),
        ["ReduceMean, negative axis"] = g => g.B.ReduceMean(g.Real("x", "B", "S", 4), keepDims: true, -1),
        ["ReduceMean, symbolic axes"] = g => g.B.ReduceMean(g.Real("x", "B", "S", 4), keepDims: false, 0, 1),
        ["Softmax"] = g => g.B.Softmax(g.Real("x", 2, 3)),
        ["Softmax, first axis"] = g => g.B.Softmax(g.Real("x", "B", "S", 2), axis: 0),
        ["LogSoftmax"] = g => g.B.LogSoftmax(g.Real("x", "B", "S", 4)),
        ["LogSoftmax, negative axis"] = g => g.B.LogSoftmax(g.Real("x", 2, 3, 2), axis: -2),

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

        ["Gather"] = g => g.B.Gather(g.Real("x", 5, 3), g.Ids("i", 5, "M")),
        ["Gather, matrix of indices"] = g => g.B.Gather(g.Real("x", 3, 4), g.Ids("i", 3, "B", "S")),
        ["Gather, symbolic rows"] = g => g.B.Gather(g.Real("x", "M", 2, 3), g.Ids("i", 4, "B", "S")),
        ["Gather, numbers"] = g => g.B.Gather(g.Real("x", 5), g.Ids("i", 5, 7)),
        ["Gather, one row"] = g => g.B.Gather(g.Real("x", 5, 2), g.B.Int64(3)),
        ["Gather, of a sum"] = g => g.B.Gather(g.B.Mul(g.Real("x", 5, 3), g.Real("w", 3)), g.Ids("i", 5, "M")),
        ["Gather, from flattened rows"] = g => g.B.Gather(Flat(g, g.Real("x", "B", "S", 4)), g.Ids("i", 6, "M")),
        ["Gather, from flattened rows that others read too"] = g =>
        {
            var rows = Flat(g, g.B.Exp(g.Real("x", "B", "S", 4)));
            return g.B.Mul(g.B.Gather(rows, g.Ids("i", 6, "M")), g.B.ReduceSum(rows, keepDims: true, 0));
        },
        ["GatherElements"] = g => g.B.GatherElements(g.Real("x", "M", 5), g.Ids("i", 5, "M", 1), axis: 1),
        ["GatherElements, negative axis"] = g => g.B.GatherElements(g.Real("x", "B", 5, "S"), g.Ids("i", 5, "B", 1, "S"), axis: -2),
    };

    /// <summary>Composites; their two lowerings must agree, too.</summary>
    public static IReadOnlyDictionary<string, Func<TestGraph, Value>> Composites { get; } = new Dictionary<string, Func<TestGraph, Value>>
    {
        ["Softplus"] = g => g.B.Softplus(g.Real("x", "B", 3)),
        ["RmsNorm"] = g => g.B.RmsNorm(g.Real("x", "B", "S", 6), g.Positive("scale", 6), 1e-5).Normalised,
        ["RmsNorm, rows"] = g => g.B.RmsNorm(g.Real("x", "M", 4), g.Positive("scale", 4), 1e-3).Normalised,
        ["RmsNorm, heads"] = g => g.B.RmsNorm(g.Real("x", "B", 2, "S", 4), g.Positive("scale", 4), 1e-5).Normalised,
        ["Rope"] = g => g.B.Rope(g.Real("x", "B", 2, "S", 8), g.Ids("positions", 7, "B", "S"), g.Given("cos", 7, 4), g.Given("sin", 7, 4)),
        ["Rope, a row longer than the table"] = g =>
            g.B.Rope(g.Real("x", "B", 2, "S", 4), g.Ids("positions", 2, "B", "S"), g.Given("cos", 2, 2), g.Given("sin", 2, 2)),
        ["Rope, a table as long as the row"] = g =>
            g.B.Rope(g.Real("x", "B", 2, 3, 4), g.Ids("positions", 3, "B", 3), g.Given("cos", 3, 2), g.Given("sin", 3, 2)),
        ["Rope, a line for each token"] = g =>
        {
            Dim tokens = (Dim)"B" * "S";
            return g.B.Rope(g.Real("x", "B", 2, "S", 4), g.Ids("positions", 6, "B", "S"), g.Given("cos", tokens, 2), g.Given("sin", tokens, 2));
        },
        ["TokenLogProbs"] = g => g.B.TokenLogProbs(g.Real("hidden", "M", 3), g.Real("weight", 5, 3), g.Ids("ids", 5, "M")),
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
