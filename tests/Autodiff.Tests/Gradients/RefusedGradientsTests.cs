using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Gradients;

namespace OrtDpo.Autodiff.Tests.Gradients;

public sealed class RefusedGradientsTests
{
    readonly GraphBuilder b = new("test");

    [Fact]
    public void An_operator_without_a_rule_is_named_with_its_node_and_what_there_is()
    {
        using var scope = b.Scope("layer0");
        var message = Refused(Unheard(Real("x", 2)));
        Assert.StartsWith(
            "Node 'layer0/Conv' (Conv): no gradient rule is registered. Differentiable operators: Abs, Add, Cast",
            message, StringComparison.Ordinal);
        Assert.Contains("ortdpo.Softplus", message, StringComparison.Ordinal);
        Assert.DoesNotContain("Mod", message, StringComparison.Ordinal);
        Assert.DoesNotContain("Greater", message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_operator_without_a_rule_is_no_obstacle_where_nothing_wanted_leads_through_it()
    {
        var (x, other) = (Real("x", 2), Real("other", 2));
        var y = b.Mul(x, Unheard(other));
        Assert.NotEmpty(Backpropagation.Append(b, [(y, Real("g", 2))], [x]).Dense(x));
    }

    [Fact]
    public void An_operator_that_has_no_gradient_is_refused()
    {
        var message = Refused(b.Add("Mod", [Real("x", 2), Real("y", 2)], Attributes.None.With("fmod", 1L)));
        Assert.Equal("Node 'Mod' (Mod): this operator has no gradient.", message);
    }

    [Fact]
    public void A_dropout_that_trains_is_refused()
    {
        var trains = b.Constant(new[] { true }, DataType.Bool, Shape.Scalar);
        var y = b.Add("Dropout", [Real("x", 3), b.Scalar(0.5, DataType.Float64), trains]);
        Assert.Contains("it drops values while training; export the model for inference", Refused(y), StringComparison.Ordinal);
    }

    [Fact]
    public void The_gradient_of_a_bound_is_refused()
    {
        var y = b.Add("Clip", [Real("x", 3), Real("low")]);
        Assert.Contains("input 1 ('low')", Refused(y), StringComparison.Ordinal);
    }

    [Fact]
    public void A_rule_that_gives_a_gradient_of_another_shape_is_named_with_both()
    {
        var (x, y) = (Real("x", 2, 3), Real("y", 2, 3));
        var node = b.AddNode("Add", [x, y]);
        var context = new GradientContext(b, node, [Real("g", 2, 3)], [x, y], new GradientSet());
        var error = Assert.Throws<InvalidOperationException>(() => context.Add(1, Real("wrong", 4, 3)));
        Assert.Equal(
            "Node 'Add' (Add): its rule gives input 1 ('y') a gradient of shape [4, 3], which does not reduce to [2, 3].", error.Message);
    }

    [Fact]
    public void A_rule_that_gives_too_few_gradients_or_too_many_is_named()
    {
        var (x, y) = (Real("x", 2), Real("y", 2));
        var node = b.AddNode("Add", [x, y]);
        foreach (var (input, given) in new[] { (1, "1"), (2, "2") })
        {
            var context = new GradientContext(b, node, [], [x, y], new GradientSet());
            context.Zero(input);
            var error = Assert.Throws<InvalidOperationException>(context.CheckCount);
            Assert.Equal(
                $"Node 'Add' (Add): its rule gives gradients for the inputs {given}; expected 0, 1 of 2. "
                + "Inputs: x: Float64 [2]; y: Float64 [2].",
                error.Message);
        }
    }

    [Fact]
    public void The_gradient_of_a_rotary_table_is_refused()
    {
        var y = b.Rope(Real("x", 1, 1, 2, 4), b.Input("p", DataType.Int64, new Shape(1, 2)), Real("cos", 9, 2), Real("sin", 9, 2));
        Assert.Contains("input 2 ('cos')", Refused(y), StringComparison.Ordinal);
    }

    [Fact]
    public void A_gradient_through_the_inverse_root_mean_square_is_refused()
    {
        var (y, inverse) = b.RmsNorm(Real("x", 2, 4), Real("scale", 4), 1e-5);
        Assert.Contains("output 1", Refused(b.Mul(y, inverse)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_seed_of_another_shape_is_refused()
    {
        var x = Real("x", 2);
        var error = Assert.Throws<ArgumentException>(() => Backpropagation.Append(b, [(b.Exp(x), Real("g", 3))], [x]));
        Assert.StartsWith("The gradient of 'Exp.0' has shape [3]; expected [2].", error.Message, StringComparison.Ordinal);
    }

    Value Real(string name, params Dim[] shape) => b.Input(name, DataType.Float64, new Shape(shape));

    // A node as another tool may write it: its shape is known, its operator is not.
    Value Unheard(Value x)
    {
        var node = new Node("layer0/Conv", "Conv", [x], [new Value("y", x.Type, x.Shape)], Attributes.None);
        return b.AddCopy(node, [x]).Output;
    }

    string Refused(Value y)
    {
        var wanted = b.Inputs.Where(v => v.Type.IsFloat()).ToList();
        var g = b.Input("grad_output", y.Type, y.Shape);
        return Assert.Throws<NotSupportedException>(() => Backpropagation.Append(b, [(y, g)], wanted)).Message;
    }
}
