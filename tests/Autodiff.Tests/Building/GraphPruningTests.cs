using OrtDpo.Autodiff.Building;
using OrtDpo.Testing.Running;

namespace OrtDpo.Autodiff.Tests.Building;

public sealed class GraphPruningTests
{
    readonly GraphBuilder b = new("test");
    readonly Value x;

    public GraphPruningTests() => x = b.Input("x", DataType.Float64, new Shape(2));

    [Fact]
    public void Only_nodes_that_outputs_need_are_kept()
    {
        var y = b.Exp(x);
        b.Log(b.Add(y, b.Scalar(3, DataType.Float64)));
        var graph = b.Build([("y", y)]);
        Assert.Equal(["Exp"], graph.Nodes.Select(n => n.Op.Type));
        Assert.Empty(graph.Constants);
    }

    [Fact]
    public void Unused_inputs_stay_unless_they_are_not_wanted()
    {
        b.Input("unused", DataType.Int64, new Shape("B"));
        var y = b.Exp(x);
        Assert.Equal(["x", "unused"], b.Build([("y", y)]).Inputs.Select(v => v.Name));
        Assert.Equal(["x"], b.Build([("y", y)], pruneInputs: true).Inputs.Select(v => v.Name));
    }

    [Fact]
    [Trait("Speed", "native")]
    public void Inputs_constants_and_values_asked_for_twice_get_every_name()
    {
        var y = b.Mul(x, x);
        var graph = b.Build([("copy", x), ("first", y), ("second", y), ("next", b.Neg(y)), ("three", b.Scalar(3, DataType.Float64))]);
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
        var error = Assert.Throws<ArgumentException>(() => b.Build([("x", b.Exp(x))]));
        Assert.Equal("Graph 'test' has 2 values called 'x'. Give the output a name of its own.", error.Message);
    }
}
