using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Gradients;
using OrtDpo.Autodiff.Lowering;
using OrtDpo.Testing.Running;

namespace OrtDpo.Autodiff.Tests.Gradients;

/// <summary>ONNX Runtime's CPU loses updates where two threads add at one index: graphs that do so say that they need one thread.</summary>
public sealed class RepeatedIndicesTests
{
    [Theory]
    [InlineData("Gather, negative axis", true)]
    [InlineData("Gather, last axis, matrix of indices", true)]
    [InlineData("Gather, known indices that repeat", true)]
    [InlineData("Gather, of a sum", true)]
    [InlineData("GatherElements, indices that repeat", true)]
    [InlineData("GatherND", true)]
    [InlineData("Gather, indices known", false)]
    [InlineData("Gather, one of an axis", false)]
    [InlineData("Gather, the last of a symbolic axis", false)]
    [InlineData("GatherElements", false)]
    [InlineData("Slice, steps", false)]
    [InlineData("Slice, backwards", false)]
    [InlineData("Concat, unequal and symbolic", false)]
    public void Only_gradients_that_may_add_twice_at_an_index_need_one_thread(string name, bool oneThread)
    {
        var g = new TestGraph(DataType.Float64, seed: 1);
        var y = GradientCases.All[name](g);
        var gradients = Backpropagation.Append(g.B, [(y, g.B.Input("g", y.Type, y.Shape))], g.Reals);
        var graph = g.B.Build(g.Reals.Select((x, i) => ($"grad{i}", gradients.Total(g.B, x)!)));
        Assert.Equal(oneThread, graph.RequiresOneThread);
        Assert.Equal(oneThread, graph.Lower(LoweringKind.Primitive).RequiresOneThread);
    }
}
