using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Gradients;
using OrtDpo.Autodiff.Lowering;
using OrtDpo.Testing.Running;

namespace OrtDpo.Autodiff.Tests.Gradients;

[Trait("Speed", "native")]
public sealed class BackpropagationTests
{
    readonly GraphBuilder b = new("test");

    [Fact]
    public void Contributions_of_a_shared_value_add_up()
    {
        // y = x·x + x + x: dy/dx = 2x + 2.
        var x = b.Input("x", DataType.Float64, new Shape(3));
        var y = b.Add(b.Add(b.Mul(x, x), x), x);
        Assert.Equal([4.0, 0.0, 8.0], Gradients(y, [x], Tensor.Of(1, -1, 3))[0]);
    }

    [Fact]
    public void Wanted_intermediate_values_have_gradients_and_pass_them_on()
    {
        // h = 3x, y = h·h: dy/dh = 2h = 6x, dy/dx = 18x.
        var x = b.Input("x", DataType.Float64, new Shape(2));
        var h = b.Mul(x, b.Scalar(3, DataType.Float64));
        var gradients = Gradients(b.Mul(h, h), [h, x], Tensor.Of(1, -2));
        Assert.Equal([6.0, -12.0], gradients[0]);
        Assert.Equal([18.0, -36.0], gradients[1]);
    }

    [Fact]
    public void Gradients_stop_at_integers()
    {
        // y = x · ⌊x⌋ with ⌊x⌋ through int64: dy/dx = ⌊x⌋.
        var x = b.Input("x", DataType.Float64, new Shape(2));
        var whole = b.Cast(b.Cast(x, DataType.Int64), DataType.Float64);
        Assert.Equal([2.0, 7.0], Gradients(b.Mul(x, whole), [x], Tensor.Of(2.5, 7.25))[0]);
    }

    [Fact]
    public void A_cast_passes_gradients_on_in_the_type_of_its_input()
    {
        var x = b.Input("x", DataType.Float64, new Shape(2));
        var y = b.Cast(b.Exp(b.Cast(x, DataType.Float32)), DataType.Float64);
        var gradient = Gradients(y, [x], Tensor.Of(0, 1))[0];
        Assert.Equal(1, gradient[0]);
        GraphTolerance.Check(DataType.Float32, Math.E, gradient[1], "dx");
    }

    [Fact]
    public void Comparisons_choose_a_branch_and_have_no_gradient_themselves()
    {
        var x = b.Input("x", DataType.Float64, new Shape(2));
        var positive = b.Add("Greater", [x, b.Scalar(0, DataType.Float64)]);
        Assert.Equal([1.0, -1.0], Gradients(b.Where(positive, x, b.Neg(x)), [x], Tensor.Of(2, -3))[0]);
    }

    [Fact]
    public void Gradients_of_several_seeds_add_up()
    {
        var x = b.Input("x", DataType.Float64, new Shape(1));
        var (double_, square, one) = (b.Add(x, x), b.Mul(x, x), Ones(1));
        var set = Backpropagation.Append(b, [(double_, one), (square, one)], [x]);
        Assert.Equal([12.0], Run(set.Total(b, x)!, Tensor.Of(5)));
    }

    [Fact]
    public void A_value_that_does_not_influence_the_seeds_has_no_gradient()
    {
        var x = b.Input("x", DataType.Float64, new Shape(2));
        var other = b.Input("other", DataType.Float64, new Shape(2));
        var set = Backpropagation.Append(b, [(b.Exp(x), Ones(2))], [x, other]);
        Assert.Null(set.Total(b, other));
        Assert.NotNull(set.Total(b, x));
    }

    [Fact]
    public void Softplus_at_zero_has_gradient_one_half()
    {
        // The max/abs spelling of softplus differentiates to 0 or 1 here, which is where the first step of DPO starts.
        foreach (var type in new[] { DataType.Float32, DataType.Float64 })
        {
            foreach (var kind in Enum.GetValues<LoweringKind>())
            {
                var b = new GraphBuilder("softplus");
                var z = b.Input("z", type, new Shape(1));
                var set = Backpropagation.Append(
                    b, [(b.Softplus(z), b.Constant(type == DataType.Float32 ? new[] { 1f } : new[] { 1.0 }, type, new Shape(1)))], [z]);
                var graph = b.Build([("z_grad", set.Total(b, z)!)]).Lower(kind);
                var result = GraphRunner.Run(graph, new Dictionary<string, Tensor> { ["z"] = Tensor.Of(type, [1], [0]) });
                Assert.Equal(0.5, result["z_grad"].Numbers().Single());
            }
        }
    }

    List<double[]> Gradients(Value y, Value[] wanted, Tensor x)
    {
        var set = Backpropagation.Append(b, [(y, Ones(x.Data.Length))], wanted);
        return [.. wanted.Select(v => Run(set.Total(b, v)!, x))];
    }

    double[] Run(Value gradient, Tensor x)
    {
        var graph = b.Build([("gradient", gradient)]).Lower(LoweringKind.Primitive);
        return GraphRunner.Run(graph, new Dictionary<string, Tensor> { ["x"] = x, ["other"] = x })["gradient"].Numbers();
    }

    Value Ones(int count) => b.Constant(Enumerable.Repeat(1.0, count).ToArray(), DataType.Float64, new Shape(count));
}
