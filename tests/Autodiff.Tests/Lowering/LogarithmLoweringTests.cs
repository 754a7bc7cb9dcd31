using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Lowering;
using OrtDpo.Testing.Running;

namespace OrtDpo.Autodiff.Tests.Lowering;

/// <summary>The logarithms and sigmoids of losses keep their digits where the obvious spelling loses them.</summary>
[Trait("Speed", "native")]
public sealed class LogarithmLoweringTests
{
    [Fact]
    public void Softplus_keeps_its_digits_far_below_zero()
    {
        // log(1 + y) = y - y^2/2 + ...
        double[] x = [-20, -37, -100, -700];
        var expected = x.Select(v => Math.Exp(v) - (Math.Exp(2 * v) / 2));
        Relative(expected, Run(DataType.Float64, x, (b, v) => b.Softplus(v)), Tolerances.Float64Function);
    }

    [Fact]
    public void Sigmoid_in_float64_keeps_its_digits_far_below_zero()
    {
        // 1 / (1 + e^-x) = e^x - e^2x + ...
        double[] x = [-20, -37, -100, -700];
        var expected = x.Select(v => Math.Exp(v) - Math.Exp(2 * v));
        Relative(expected, Run(DataType.Float64, x, (b, v) => b.Sigmoid(v)), Tolerances.Float64Function);
        Relative([0.5, 0.75, 1], Run(DataType.Float64, [0, Math.Log(3), 1e4], (b, v) => b.Sigmoid(v)), Tolerances.Float64LastDigit);
    }

    [Theory]
    [InlineData(DataType.Float64, Tolerances.Float64Function)]
    [InlineData(DataType.Float32, Tolerances.Float32)]
    public void Log_of_one_minus_exp_keeps_its_digits_near_certainty(DataType type, double tolerance)
    {
        // With y = -x: 1 - e^-y = y (1 - y/2 + y^2/6 - ...), so its logarithm is log y - y/2 + y^2/24 - y^4/2880 + ...
        double[] x = [-1e-15, -1e-7, -1e-3, -0.01];
        var expected = x.Select(v => Math.Log(-v) + (v / 2) + (v * v / 24) - (Math.Pow(v, 4) / 2880));
        Relative(expected, Run(type, x, (b, v) => b.Log1mExp(v)), tolerance);
        double[] probabilities = [0.75, 0.5, 0.1];
        var found = Run(type, [.. probabilities.Select(p => Math.Log(p))], (b, v) => b.Log1mExp(v));
        Relative(probabilities.Select(p => Math.Log(1 - p)), found, tolerance * 10);
    }

    [Theory]
    [InlineData(DataType.Float64)]
    [InlineData(DataType.Float32)]
    public void Log_of_one_minus_exp_is_zero_where_nothing_is_likely(DataType type) =>
        Assert.All(Run(type, [-50, -1e4], (b, v) => b.Log1mExp(v)), y => AssertClose(0, y, Tolerances.Float64LastDigit));

    [Theory]
    [InlineData(LoweringKind.Primitive)]
    [InlineData(LoweringKind.Fused)]
    public void Sort_is_ascending_and_keeps_the_order_of_equal_elements(LoweringKind kind)
    {
        var b = new GraphBuilder("sort");
        var order = b.AddNode(CompositeOps.Sort, [b.Input("x", DataType.Float32, new Shape("M"))], outputs: 2).Outputs;
        var graph = b.Build([("values", order[0]!), ("order", order[1]!)]).Lower(kind);
        double[] x = [2, 1, 2, -3, 1, 2];
        var results = GraphRunner.Run(graph, new Dictionary<string, Tensor> { ["x"] = Tensor.Of(DataType.Float32, [x.Length], x) });
        Assert.Equal([-3, 1, 1, 2, 2, 2], results["values"].Numbers());
        Assert.Equal([3, 1, 4, 0, 2, 5], results["order"].Numbers());
    }

    static double[] Run(DataType type, double[] x, Func<GraphBuilder, Value, Value> write)
    {
        var b = new GraphBuilder("function");
        var kind = type == DataType.Float64 ? LoweringKind.Primitive : LoweringKind.Fused;
        var graph = b.Build([("y", write(b, b.Input("x", type, new Shape(x.Length))))]).Lower(kind);
        return GraphRunner.Run(graph, new Dictionary<string, Tensor> { ["x"] = Tensor.Of(type, [x.Length], x) })["y"].Numbers();
    }

    static void Relative(IEnumerable<double> expected, double[] actual, double tolerance) =>
        AssertClose([.. expected], actual, relative: tolerance);
}
