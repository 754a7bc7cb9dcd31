using OrtDpo.Graph.Building;
using OrtDpo.Graph.Gradients;

namespace OrtDpo.Graph.Tests.Gradients;

public sealed class RefusedGradientsTests
{
    readonly GraphBuilder _b = new("test");

    [Fact]
    public void An_operator_without_a_rule_is_named_with_its_node_and_what_there_is()
    {
        using var scope = _b.Scope("layer0");
        var message = Refused(_b.Add("Tanh", [Real("x", 2)]));
        Assert.StartsWith("Node 'layer0/Tanh' (Tanh): no gradient rule is registered. Differentiable operators: Add, Cast, Concat", message, StringComparison.Ordinal);
        Assert.Contains("ortdpo.Softplus", message, StringComparison.Ordinal);
        Assert.DoesNotContain("Mod", message, StringComparison.Ordinal);
        Assert.DoesNotContain("Greater", message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_operator_without_a_rule_is_no_obstacle_where_nothing_wanted_leads_through_it()
    {
        var (x, other) = (Real("x", 2), Real("other", 2));
        var y = _b.Mul(x, _b.Add("Tanh", [other]));
        Assert.NotEmpty(Backpropagation.Append(_b, [(y, Real("g", 2))], [x]).Dense(x));
    }

    [Fact]
    public void An_operator_that_has_no_gradient_is_refused()
    {
        var message = Refused(_b.Add("Mod", [Real("x", 2), Real("y", 2)], Attributes.None.With("fmod", 1L)));
        Assert.Equal("Node 'Mod' (Mod): this operator has no gradient.", message);
    }

    [Fact]
    public void Indices_that_may_repeat_are_not_scattered()
    {
        var indices = _b.Input("i", DataType.Int64, new Shape(4, 2));
        var message = Refused(_b.GatherElements(Real("x", 4, 5), indices, axis: 1));
        Assert.Contains("2 indices from each line of axis 1, which may repeat", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Gather_from_another_axis_than_the_first_is_refused() =>
        Assert.Contains("axis 0", Refused(_b.Gather(Real("x", 4, 5), _b.Int64s(1, 1), axis: 1)), StringComparison.Ordinal);

    [Fact]
    public void A_slice_of_a_symbolic_dimension_is_refused() =>
        Assert.Contains("symbolic", Refused(_b.Slice(Real("x", "S", 5), axis: 0, start: 0, end: 1)), StringComparison.Ordinal);

    [Fact]
    public void The_gradient_of_a_rotary_table_is_refused()
    {
        var y = _b.Rope(Real("x", 1, 1, 2, 4), _b.Input("p", DataType.Int64, new Shape(1, 2)), Real("cos", 9, 2), Real("sin", 9, 2));
        Assert.Contains("input 2 ('cos')", Refused(y), StringComparison.Ordinal);
    }

    [Fact]
    public void A_gradient_through_the_inverse_root_mean_square_is_refused()
    {
        var (y, inverse) = _b.RmsNorm(Real("x", 2, 4), Real("scale", 4), 1e-5);
        Assert.Contains("output 1", Refused(_b.Mul(y, inverse)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_seed_of_another_shape_is_refused()
    {
        var x = Real("x", 2);
        var error = Assert.Throws<ArgumentException>(() => Backpropagation.Append(_b, [(_b.Exp(x), Real("g", 3))], [x]));
        Assert.StartsWith("The gradient of 'Exp.0' has shape [3]; expected [2].", error.Message, StringComparison.Ordinal);
    }

    Value Real(string name, params Dim[] shape) => _b.Input(name, DataType.Float64, new Shape(shape));

    string Refused(Value y)
    {
        var wanted = _b.Inputs.Where(v => v.Type.IsFloat()).ToList();
        var g = _b.Input("grad_output", y.Type, y.Shape);
        return Assert.Throws<NotSupportedException>(() => Backpropagation.Append(_b, [(y, g)], wanted)).Message;
    }
}
