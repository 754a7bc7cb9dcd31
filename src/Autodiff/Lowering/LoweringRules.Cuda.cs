using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Lowering;

/// <summary>
/// Reductions that ONNX Runtime's CUDA provider has through cuDNN alone, a library of half a gigabyte, by operators that it has itself.
/// </summary>
static partial class LoweringRules
{
    static Value[] ReduceMax(LoweringContext c) => [Extremum(c, largest: 1)];

    static Value[] ReduceMin(LoweringContext c) => [Extremum(c, largest: 0)];

    static Value[] ReduceL1(LoweringContext c) => [Sum(c, c.B.Add("Abs", [c.I(0)]))];

    static Value[] ReduceL2(LoweringContext c) => [c.B.Sqrt(Sum(c, c.B.Mul(c.I(0), c.I(0))))];

    // By the largest, so that no exponential overflows.
    static Value[] ReduceLogSumExp(LoweringContext c)
    {
        var (b, x, axes) = (c.B, c.I(0), Axes(c));
        var most = Most(b, x, axes, largest: 1);
        var sum = b.ReduceSum(b.Exp(b.Sub(x, most)), keepDims: true, axes);
        return [Kept(c, b.Add(most, b.Log(sum)), axes)];
    }

    static Value Extremum(LoweringContext c, long largest) => Kept(c, Most(c.B, c.I(0), Axes(c), largest), Axes(c));

    // The first of a sorted list of one, axis by axis; the axes stay, of size 1.
    static Value Most(GraphBuilder b, Value x, long[] axes, long largest) => axes.Aggregate(
        x,
        (rest, axis) => b.AddNode(
            "TopK", [rest, b.Int64s(1)], Attributes.None.With("axis", axis).With("largest", largest).With("sorted", 1L), outputs: 2)
            .Outputs[0]!);

    static Value Sum(LoweringContext c, Value x)
    {
        var axes = Axes(c);
        return axes.Length == 0 ? x : c.B.ReduceSum(x, c.Attributes.Int("keepdims", 1) != 0, axes);
    }

    static Value Kept(LoweringContext c, Value reduced, long[] axes) =>
        c.Attributes.Int("keepdims", 1) != 0 || axes.Length == 0 ? reduced : c.B.Squeeze(reduced, axes);

    static long[] Axes(LoweringContext c) =>
        [.. ReducedAxes.Of(c.I(0).Shape, c.Has(1) ? c.Int64s(1) : [], c.Attributes).Select(axis => (long)axis)];
}
