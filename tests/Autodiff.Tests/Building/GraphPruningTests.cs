using OrtDpo.Autodiff.Building;
using OrtDpo.Testing.Running;

namespace OrtDpo.Autodiff.Tests.Building;

public sealed class GraphPruningTests
{
    readonly GraphBuilder _b = new("test");
    readonly Value _x;

    public GraphPruningTests() => _x = _b.Input("x", DataType.Float64, new Shape(2));

    [Fact]
    public void Only_nodes_that_outputs_need_are_kept()
    {
        var y = _b.Exp(_x);
        _b.Log(_b.Add(y, _b.Scalar(3, DataType.Float64)));
        var graph = _b.Build([("y", y)]);
        Assert.Equal(["Exp"], graph.Nodes.Select(n => n.Op.Type));
        Assert.Empty(graph.Constants);
    }

    [Fact]
    public void Unused_inputs_stay_unless_they_are_not_wanted()
    {
        _b.Input("unused", DataType.Int64, new Shape("B"));
        var y = _b.Exp(_x);
        Assert.Equal(["x", "unused"], _b.Build([("y", y)]).Inputs.Select(v => v.Name));
        Assert.Equal(["x"], _b.Build([("y", y)], pruneInputs: true).Inputs.Select(v => v.Name));
    }

    [Fact]
    [Trait("Speed", "native")]
    public void Inputs_constants_and_values_asked_for_twice_get_every_name()
    {
        var y = _b.Mul(_x, _x);
        var graph = _b.Build([("copy", _x), ("first", y), ("second", y), ("next", _b.Neg(y)), ("three", _b.Scalar(3, DataType.Float64))]);
        Assert.Equal(["copy", "first", "second", "next", "three"], graph.Outputs.Select(v => v.Name));
        var results = GraphRunner.Run(graph, new Dictionary<string, Tensor> { ["x"] = Tensor.Of(2, 3) });
        Assert.Equal([2, 3], results["copy"].Numbers());
        Assert.Equal([4, 9], results["first"].Numbers());
        Assert.Equal([4, 9], results["second"].Numbers());
        Assert.Equal([-4, -9], results["next"].Numbers());
        Assert.Equal([3], results["three"].Numbers());
    }

    [Fact]
    public void An_output_with_the_name_of_another_value_is_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => _b.Build([("x", _b.Exp(_x))]));
        Assert.Equal("Graph 'test' has 2 values called 'x'. Give the output a name of its own.", error.Message);
    }
}
