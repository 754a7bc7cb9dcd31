using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Lowering;
using OrtDpo.Autodiff.Precision;
using OrtDpo.Autodiff.Tests.Gradients;
using OrtDpo.Autodiff.Tests.Precision;
using OrtDpo.Testing.Running;

namespace OrtDpo.Autodiff.Tests.Building;

/// <summary>What is said of types alone is what inference says, which needs the shapes too.</summary>
public sealed class ElementTypesTests
{
    public static TheoryData<string> Cases => [.. GradientCases.All.Keys];

    public static TheoryData<string, bool, bool> Fragments => PrecisionCases.Gradients;

    [Theory]
    [MemberData(nameof(Cases))]
    public void Nodes_that_were_written_have_the_types_that_they_were_given(string name)
    {
        var g = new TestGraph(DataType.Float64, seed: 1);
        GradientCases.All[name](g);
        Assert.NotEmpty(g.B.Nodes);
        Assert.All(g.B.Nodes, Holds);
    }

    [Theory]
    [MemberData(nameof(Fragments))]
    public void Nodes_in_bfloat16_have_the_types_that_inference_gives(string name, bool keep, bool trains)
    {
        var gradient = new PrecisionPass(DataType.BFloat16).Of(PrecisionCases.Gradient(name, keep, trains));
        foreach (var graph in new[] { gradient.Forward, gradient.Backward }.SelectMany(g => new[] { g, g.Lower(LoweringKind.Fused) }))
        {
            var b = new GraphBuilder("again");
            var map = graph.Inputs.ToDictionary(v => v, v => b.Input(v.Name, v.Type, v.Shape));
            foreach (var (value, constant) in graph.Constants)
            {
                map.Add(value, b.Constant(constant.Data, value.Type, value.Shape));
            }

            foreach (var node in graph.Nodes)
            {
                Holds(node);
                Value?[] inputs = [.. node.Inputs.Select(v => v is null ? null : map[v])];
                var again = b.AddNode(node.Op, inputs, node.Attributes, node.Outputs.Length);
                foreach (var (old, output) in node.Outputs.Zip(again.Outputs).Where(o => o.First is not null))
                {
                    Assert.Equal(output!.Type, old!.Type);
                    map.Add(old, output);
                }
            }
        }
    }

    static void Holds(Node node)
    {
        for (var i = 0; i < node.Outputs.Length; i++)
        {
            if (node.Outputs[i] is { } output)
            {
                Assert.Equal(output.Type, ElementTypes.Of(node, [.. node.Inputs], i));
            }
        }
    }
}
