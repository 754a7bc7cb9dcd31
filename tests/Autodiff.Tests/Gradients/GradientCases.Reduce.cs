using OrtDpo.Autodiff.Building;
using OrtDpo.Testing.Running;

namespace OrtDpo.Autodiff.Tests.Gradients;

static partial class GradientCases
{
    static Dictionary<string, Func<TestGraph, Value>> Reductions => new()
    {
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
        ["Softmax, middle axis"] = g => g.B.Softmax(g.Real("x", "B", 3, "S", 2), axis: 1),
        ["Softmax, negative axis"] = g => g.B.Softmax(g.Real("x", "B", "S", 2), axis: -2),
        ["ReduceSum, without axes, nothing to do"] = g => g.B.Add(
            "ReduceSum", [g.Real("x", 2, 3)], Attributes.None.With("noop_with_empty_axes", 1L).With("keepdims", 0L)),
        ["ReduceSum, empty axes"] = g => g.B.Add("ReduceSum", [g.Real("x", 2, 3), g.B.Int64s()], Attributes.None.With("keepdims", 1L)),
        ["ReduceMean, all kept"] = g => Reduce(g, "ReduceMean", keepDims: true),
        ["ReduceSumSquare"] = g => Reduce(g, "ReduceSumSquare", keepDims: false),
        ["ReduceSumSquare, negative axis"] = g => Reduce(g, "ReduceSumSquare", keepDims: false, -2),
        ["ReduceL1"] = g => Reduce(g, "ReduceL1", keepDims: false),
        ["ReduceL1, negative axis kept"] = g => Reduce(g, "ReduceL1", keepDims: true, -1),
        ["ReduceL2"] = g => Reduce(g, "ReduceL2", keepDims: false),
        ["ReduceL2, negative axis kept"] = g => Reduce(g, "ReduceL2", keepDims: true, -1),
        ["ReduceLogSumExp"] = g => Reduce(g, "ReduceLogSumExp", keepDims: false),
        ["ReduceLogSumExp, negative axis"] = g => Reduce(g, "ReduceLogSumExp", keepDims: false, -1),
        ["CumSum"] = g => g.B.Add("CumSum", [g.Real("x", "B", "S", 3), g.B.Int64(1)]),
        ["CumSum, negative axis, exclusive"] = g =>
            g.B.Add("CumSum", [g.Real("x", "B", "S", 3), g.B.Int64(-1)], Attributes.None.With("exclusive", 1L)),
        ["CumSum, reverse"] = g => g.B.Add("CumSum", [g.Real("x", 4), g.B.Int64(0)], Attributes.None.With("reverse", 1L)),
        ["CumSum, reverse, exclusive"] = g =>
            g.B.Add("CumSum", [g.Real("x", 2, 4), g.B.Int64(1)], Attributes.None.With("reverse", 1L).With("exclusive", 1L)),
    };

    static Value Reduce(TestGraph g, string op, bool keepDims, params long[] axes)
    {
        var x = g.Real("x", "B", 3, "S");
        return g.B.Add(op, axes.Length == 0 ? [x] : [x, g.B.Int64s(axes)], Attributes.None.With("keepdims", keepDims ? 1L : 0L));
    }
}
