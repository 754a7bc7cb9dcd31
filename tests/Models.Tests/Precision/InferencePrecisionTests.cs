using System.Collections.Concurrent;
using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Autodiff.Lowering;
using OrtDpo.Autodiff.Precision;
using OrtDpo.Models.Decoders;
using OrtDpo.Models.Families;

namespace OrtDpo.Models.Tests.Precision;

/// <summary>The graphs of every family that hosts load, in 16 bits.</summary>
public sealed class InferencePrecisionTests
{
    static readonly Op[] Products =
        ["MatMul", "Gemm", new(Op.Microsoft, "FusedMatMul"), new(Op.Microsoft, "GroupQueryAttention")];

    static readonly Op[] Sums =
        ["Softmax", "LayerNormalization", "SimplifiedLayerNormalization", new(Op.Microsoft, "RotaryEmbedding")];

    static readonly ConcurrentDictionary<(string, DataType, DataType), IReadOnlyList<OnnxGraph>> Known = [];

    public static TheoryData<string, DataType> Cases
    {
        get
        {
            var cases = new TheoryData<string, DataType>();
            foreach (var family in Testing.GoldenFamily.Families)
            {
                cases.Add(family, DataType.Float16);
                cases.Add(family, DataType.BFloat16);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_node_has_one_floating_type_and_a_kernel_on_cuda(string family, DataType compute)
    {
        foreach (var graph in Graphs(family, compute, stored: compute))
        {
            OperandTypes.Require(graph);
            KernelTable.Cuda.Require(graph);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Weights_cache_and_logits_are_of_the_type_and_weights_may_be_stored_in_another(string family, DataType compute)
    {
        foreach (var stored in (DataType[])[compute, DataType.Float32])
        {
            foreach (var graph in Graphs(family, compute, stored))
            {
                OperandTypes.Require(graph);
                foreach (var input in graph.Inputs)
                {
                    var isCache = input.Name.StartsWith(CachePorts.PastPrefix, StringComparison.Ordinal);
                    var isToken = input.Name is FragmentPorts.InputIds or FragmentPorts.AttentionMask or FragmentPorts.PositionIds;
                    Assert.Equal(isToken ? DataType.Int64 : isCache ? compute : stored, input.Type);
                }

                Assert.All(graph.Outputs, output => Assert.Equal(compute, output.Type));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Products_are_in_16_bits_and_what_sums_over_layers_or_positions_is_float32(string family, DataType compute)
    {
        foreach (var graph in Graphs(family, compute, stored: compute))
        {
            Assert.All(graph.Nodes.Where(node => Products.Contains(node.Op)), node => Assert.Equal(compute, node.Output.Type));
            Assert.All(graph.Nodes.Where(node => Sums.Contains(node.Op)), node => Assert.Equal(DataType.Float32, node.Output.Type));
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Between_a_product_and_a_sum_nothing_is_rounded(string family, DataType compute)
    {
        foreach (var graph in Graphs(family, compute, stored: compute))
        {
            var producers = graph.Nodes.SelectMany(node => node.Outputs.OfType<Value>().Select(v => (v, node))).ToDictionary();
            foreach (var sum in graph.Nodes.Where(node => Sums.Contains(node.Op)))
            {
                // Up to a Cast from 16 bits, of which only a product, or a look-up in a table, may be the source.
                var pending = new Stack<Value>([sum.Input(0)]);
                var seen = new HashSet<Value>();
                while (pending.TryPop(out var value))
                {
                    if (!seen.Add(value) || !producers.TryGetValue(value, out var node) || !value.Type.IsFloat())
                    {
                        continue;
                    }

                    if (value.Type == compute)
                    {
                        Assert.Contains(node.Op, (Op[])[.. Products, "Gather", "Reshape", "Transpose", "Split", "Concat"]);
                    }

                    if (!Products.Contains(node.Op))
                    {
                        node.Inputs.OfType<Value>().ToList().ForEach(pending.Push);
                    }
                }

                Assert.True(seen.Count > 1);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void No_cast_undoes_another_and_no_value_is_cast_twice(string family, DataType compute)
    {
        foreach (var graph in Graphs(family, compute, stored: compute))
        {
            var casts = graph.Nodes.Where(node => node.Op == "Cast" && node.Input(0).Type.IsFloat()).ToList();
            var made = casts.Select(node => node.Output).ToHashSet();
            Assert.NotEmpty(casts);
            Assert.All(casts, node => Assert.DoesNotContain(node.Input(0), made));
            Assert.Equal(casts.Count, casts.Select(node => (node.Input(0), node.Output.Type)).Distinct().Count());
        }
    }

    [Fact]
    public void In_float32_nothing_changes()
    {
        var graph = InferenceGraph.Of(Model("llama"));
        Assert.Same(graph, InferencePrecision.Of(graph, DataType.Float32, DataType.Float32));
    }

    [Fact]
    public void A_constant_that_float16_does_not_reach_is_refused()
    {
        var b = new GraphBuilder("far");
        var x = b.Input("past_key_values.x", DataType.Float32, new Shape("B", 4));
        var graph = b.Build([("y", b.Mul(x, b.Scalar(70_000, DataType.Float32)))]);
        Assert.Equal(
            "Graph 'far', constant 'constant': it is read in float16, which ends at 65504, and has a number beyond. "
            + "Compute in bfloat16 or float32.",
            Assert.Throws<NotSupportedException>(() => InferencePrecision.Of(graph, DataType.Float16, DataType.Float16)).Message);
        Assert.Equal(DataType.BFloat16, InferencePrecision.Of(graph, DataType.BFloat16, DataType.BFloat16).Output("y").Type);
    }

    static DecoderModel Model(string family) =>
        ModelFamilies.Read(Testing.Repository.Find("tests", "golden", "families", family), DataType.Float32);

    static IReadOnlyList<OnnxGraph> Graphs(string family, DataType compute, DataType stored) =>
        Known.GetOrAdd((family, compute, stored), _ => [.. Make(family, compute, stored)]);

    static IEnumerable<OnnxGraph> Make(string family, DataType compute, DataType stored)
    {
        var model = Model(family);
        foreach (var form in Enum.GetValues<AttentionForm>())
        {
            OnnxGraph graph;
            try
            {
                graph = InferenceGraph.Of(model, form, isNarrow: true);
            }
            catch (NotSupportedException) when (form == AttentionForm.Grouped)
            {
                // Heads of other sizes than the operator takes.
                continue;
            }

            yield return InferencePrecision.Of(graph, compute, stored).Lower(LoweringKind.Fused);
        }
    }
}
