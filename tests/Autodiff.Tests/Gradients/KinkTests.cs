using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Gradients;
using OrtDpo.Autodiff.Lowering;
using OrtDpo.Testing.Running;

namespace OrtDpo.Autodiff.Tests.Gradients;

/// <summary>Where a function has no derivative, its rule makes a choice, by hand here.</summary>
[Trait("Speed", "native")]
public sealed class KinkTests
{
    readonly GraphBuilder b = new("test");

    [Fact]
    public void Abs_gives_0_at_0() => Assert.Equal([-1, 0, 1], Gradients(v => b.Add("Abs", [v[0]]), [-2, 0, 3]).Single());

    [Fact]
    public void Relu_gives_0_at_0() => Assert.Equal([0, 0, 1], Gradients(v => b.Add("Relu", [v[0]]), [-2, 0, 3]).Single());

    [Fact]
    public void LeakyRelu_gives_its_slope_at_0() => Assert.Equal(
        [0.25, 0.25, 1], Gradients(v => b.Add("LeakyRelu", [v[0]], Attributes.None.With("alpha", 0.25)), [-2, 0, 3]).Single());

    [Theory]
    [InlineData("Max", new double[] { 0, 0.5, 1 }, new double[] { 1, 0.5, 0 })]
    [InlineData("Min", new double[] { 1, 0.5, 0 }, new double[] { 0, 0.5, 1 })]
    public void Extrema_of_two_split_the_gradient_where_both_are_equal(string op, double[] first, double[] second)
    {
        var gradients = Gradients(v => b.Add(op, [v[0], v[1]]), [1, 2, 3], [2, 2, 2]);
        Assert.Equal(first, gradients[0]);
        Assert.Equal(second, gradients[1]);
    }

    [Fact]
    public void Extrema_of_a_value_with_itself_give_the_whole_gradient() =>
        Assert.Equal([1, 1], Gradients(v => b.Add("Max", [v[0], v[0], v[0], v[0]]), [1, -2]).Single());

    [Theory]
    [InlineData("ReduceMax", new[] { 0, 0.5, 0.5, 0 })]
    [InlineData("ReduceMin", new[] { 0.5, 0, 0, 0.5 })]
    public void Extrema_along_an_axis_split_the_gradient_among_those_that_attain_them(string op, double[] expected) =>
        Assert.Equal(expected, Gradients(v => b.Add(op, [v[0]], Attributes.None.With("keepdims", 0L)), [-1, 7, 7, -1]).Single());

    [Fact]
    public void Clip_passes_the_gradient_at_its_bounds() => Assert.Equal(
        [0, 1, 1, 1, 0], Gradients(v => b.Add("Clip", [v[0], Number(-1), Number(2)]), [-1.5, -1, 0, 2, 2.5]).Single());

    [Fact]
    public void Powers_of_zero_are_finite_where_the_derivative_is()
    {
        // x², x¹, x⁰ at 0: 0, 1, 0, with the exponents in a tensor; by the exponent the derivative is the limit, 0.
        var gradients = Gradients(v => b.Add("Pow", [v[0], v[1]]), [0, 0, 0], [2, 1, 0]);
        Assert.Equal([0, 1, 0], gradients[0]);
        Assert.Equal([0, 0, 0], gradients[1]);
    }

    [Fact]
    public void Powers_of_negative_numbers_have_gradients()
    {
        Assert.Equal([-4, 6], Gradients(v => b.Add("Pow", [v[0], Number(2)]), [-2, 3]).Single());
    }

    [Fact]
    public void Steps_have_no_gradient()
    {
        // y = x · (⌊x⌋ + ⌈x⌉ + round x + sign x): only the factor x has one.
        var x = b.Input("x0", DataType.Float64, new Shape(2));
        var steps = new[] { "Floor", "Ceil", "Round", "Sign" }.Select(op => b.Add(op, [x])).Aggregate(b.Add);
        var y = b.Mul(x, steps);
        var set = Backpropagation.Append(b, [(y, b.Vector([1, 1], DataType.Float64))], [x]);
        Assert.Equal([1 + 2 + 1 + 1, -3 - 2 - 3 - 1], Run(set.Total(b, x)!, [[1.25, -2.75]]));
    }

    Value Number(double value) => b.Scalar(value, DataType.Float64);

    List<double[]> Gradients(Func<Value[], Value> f, params double[][] inputs)
    {
        Value[] values = [.. inputs.Select((x, i) => b.Input($"x{i}", DataType.Float64, new Shape(x.Length)))];
        var y = f(values);
        var ones = b.Expand(Number(1), b.ShapeOf(y));
        var set = Backpropagation.Append(b, [(y, ones)], values);
        return [.. values.Select(v => Run(set.Total(b, v)!, inputs))];
    }

    double[] Run(Value gradient, double[][] inputs)
    {
        var feeds = inputs.Select((x, i) => ($"x{i}", Tensor.Of(x))).ToDictionary(p => p.Item1, p => p.Item2);
        return GraphRunner.Run(b.Build([("gradient", gradient)]).Lower(LoweringKind.Primitive), feeds)["gradient"].Numbers();
    }
}
