using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Gradients;
using OrtDpo.Autodiff.Lowering;
using OrtDpo.Autodiff.Tests.Gradients;
using OrtDpo.Testing.Running;

namespace OrtDpo.Autodiff.Tests.Building;

/// <summary>
/// What the builder infers, against what ONNX Runtime computes, for every value of the graphs of the gradient tests and of the steps.
/// </summary>
[Trait("Speed", "native")]
public sealed class InferredShapesTests
{
    public static TheoryData<string> Rules => [.. GradientCases.All.Keys];

    public static TheoryData<string> Steps => [.. StepCases.All.Keys];

    [Theory]
    [MemberData(nameof(Rules))]
    public void Inferred_types_and_shapes_are_those_that_ONNX_Runtime_computes(string name)
    {
        var (g, graph) = Differentiated(GradientCases.All[name]);
        Compare(g, [.. Enum.GetValues<LoweringKind>().Select(kind => graph.Lower(kind))]);
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public void Those_of_steps_and_tests_are_too(string name)
    {
        var (g, graph) = Stepping(StepCases.All[name]);
        Compare(g, [graph]);
    }

    [Fact]
    public void Every_shape_rule_has_a_case()
    {
        var tested = StepCases.All.Values.Select(write => Stepping(write).Graph)
            .Concat(GradientCases.All.Values.SelectMany(write => Lowered(Differentiated(write).Graph)))
            .SelectMany(graph => graph.Nodes).Select(node => node.Op).ToHashSet();
        // Attention is spelled out wherever it would be differentiated or run: the nodes have the cases.
        tested.Add(CompositeOps.Attention);
        Assert.Empty(ShapeInference.Known.Where(op => !tested.Contains(op)).Select(op => op.ToString()));
    }

    static IEnumerable<OnnxGraph> Lowered(OnnxGraph graph) => [graph, .. Enum.GetValues<LoweringKind>().Select(kind => graph.Lower(kind))];

    static (TestGraph Test, OnnxGraph Graph) Stepping(Func<TestGraph, Value> write)
    {
        var g = new TestGraph(DataType.Float32, seed: 5);
        return (g, g.B.Build([("result", write(g))]));
    }

    static (TestGraph Test, OnnxGraph Graph) Differentiated(Func<TestGraph, Value> write)
    {
        var g = new TestGraph(DataType.Float32, seed: 5);
        var y = write(g);
        g.Measure(y);
        var gradients = Backpropagation.Append(g.B, [(y, g.Like("grad_output", y))], g.Reals);
        return (g, g.B.Build([("y", y), .. g.Reals.Select(x => ($"{x.Name}_grad", gradients.Total(g.B, x)!))]));
    }

    static void Compare(TestGraph g, IEnumerable<OnnxGraph> graphs)
    {
        // A size that only running tells is a symbol, which must be the same wherever it stands.
        var sizes = new Dictionary<string, long>(TestGraph.Sizes);
        foreach (var graph in graphs)
        {
            var values = graph.Nodes.SelectMany(Written).ToList();
            var results = GraphRunner.Run(new OnnxGraph("all", graph.Inputs, values, graph.Nodes, graph.Constants), g.Feeds);
            foreach (var value in values)
            {
                Assert.Equal(value.Type, results[value.Name].Type);
                TestGraph.Learn(sizes, value.Shape, results[value.Name].Sizes);
                Assert.Equal(value.Shape.Evaluate(sizes), results[value.Name].Sizes);
            }
        }
    }

    // ONNX Runtime's CPU leaves the statistics of its fused residual norms unwritten.
    static IEnumerable<Value> Written(Node node) =>
        node.Outputs.Where((_, i) => !node.Op.Type.StartsWith("Skip", StringComparison.Ordinal) || i is 0 or 3).Select(v => v!);
}
