using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Gradients;
using OrtDpo.Autodiff.Lowering;
using OrtDpo.Autodiff.Tests.Gradients;
using OrtDpo.Testing.Running;

namespace OrtDpo.Autodiff.Tests.Lowering;

[Trait("Speed", "native")]
public sealed class GraphLoweringTests
{
    public static TheoryData<string> Composites => [.. GradientCases.Composites.Keys];

    public static TheoryData<LoweringKind> Kinds => [.. Enum.GetValues<LoweringKind>()];

    [Theory]
    [MemberData(nameof(Composites))]
    public void Nothing_composite_is_left_and_names_stay(string name)
    {
        var g = new TestGraph(DataType.Float32, seed: 1);
        var graph = g.B.Build([("result", GradientCases.Composites[name](g))]);
        foreach (var kind in Enum.GetValues<LoweringKind>())
        {
            var lowered = graph.Lower(kind);
            Assert.DoesNotContain(lowered.Nodes, n => n.Op.Domain == Op.Composite);
            Assert.Equal(graph.Inputs.Select(v => v.ToString()), lowered.Inputs.Select(v => v.ToString()));
            Assert.Equal(graph.Outputs.Select(v => v.ToString()), lowered.Outputs.Select(v => v.ToString()));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Softplus_is_right_far_from_zero_and_at_zero(LoweringKind kind)
    {
        double[] x = [0, 1e-3, -1e-3, 20, -20, 88, -88, 104, -104, 1e4, -1e4];
        var b = new GraphBuilder("softplus");
        var graph = b.Build([("y", b.Softplus(b.Input("x", DataType.Float32, new Shape(x.Length))))]).Lower(kind);
        var expected = x.Select(v => Math.Max(v, 0) + double.LogP1(Math.Exp(-Math.Abs(v))));
        var actual = GraphRunner.Run(graph, new Dictionary<string, Tensor> { ["x"] = Tensor.Of(DataType.Float32, [x.Length], x) })["y"];
        GraphTolerance.Check(DataType.Float32, Tensor.Of(DataType.Float32, [x.Length], expected), actual, "softplus");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_second_output_of_a_norm_is_the_inverse_root_mean_square(LoweringKind kind)
    {
        // Rows (3, −4, 0, 0) and (1, 1, 1, 1): mean squares 25/4 and 1; ε = 0.
        var b = new GraphBuilder("norm");
        var x = b.Input("x", DataType.Float32, new Shape("M", 4));
        var (y, inverse) = b.RmsNorm(x, b.Input("scale", DataType.Float32, new Shape(4)), epsilon: 0);
        var graph = b.Build([("y", y), ("inverse", inverse)]).Lower(kind);
        var outputs = GraphRunner.Run(graph, new Dictionary<string, Tensor>
        {
            ["x"] = Tensor.Of(DataType.Float32, [2, 4], [3, -4, 0, 0, 1, 1, 1, 1]),
            ["scale"] = Tensor.Of(DataType.Float32, [4], [1, 2, 3, 4]),
        });
        GraphTolerance.Check(DataType.Float32, Tensor.Of(DataType.Float32, [2, 1], [0.4, 1]), outputs["inverse"], "inverse");
        GraphTolerance.Check(DataType.Float32, Tensor.Of(DataType.Float32, [2, 4], [1.2, -3.2, 0, 0, 1, 2, 3, 4]), outputs["y"], "y");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Rotary_positions_rotate_halves_by_the_angle_of_their_position(LoweringKind kind)
    {
        // Position 1 of this table turns by 90°: (x₁, x₂) → (−x₂, x₁); position 0 does not turn.
        var b = new GraphBuilder("rope");
        var x = b.Input("x", DataType.Float32, new Shape("B", 1, "S", 4));
        var positions = b.Input("positions", DataType.Int64, new Shape("B", "S"));
        var (cos, sin) = (
            b.Constant(new[] { 1f, 1, 0, 0 }, DataType.Float32, new Shape(2, 2)),
            b.Constant(new[] { 0f, 0, 1, 1 }, DataType.Float32, new Shape(2, 2)));
        var graph = b.Build([("y", b.Rope(x, positions, cos, sin))]).Lower(kind);
        var y = GraphRunner.Run(graph, new Dictionary<string, Tensor>
        {
            ["x"] = Tensor.Of(DataType.Float32, [1, 1, 2, 4], [1, 2, 3, 4, 5, 6, 7, 8]),
            ["positions"] = new(DataType.Int64, [1, 2], new long[] { 1, 0 }),
        })["y"];
        Assert.Equal([-3, -4, 1, 2, 5, 6, 7, 8], y.Numbers());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Features_behind_the_rotated_ones_stay(LoweringKind kind)
    {
        // Two heads of four features, of which the first two turn by 90° at position 1.
        var b = new GraphBuilder("rope");
        var x = b.Input("x", DataType.Float32, new Shape("B", 2, "S", 4));
        var positions = b.Input("positions", DataType.Int64, new Shape("B", "S"));
        var (cos, sin) = (
            b.Constant(new[] { 1f, 0 }, DataType.Float32, new Shape(2, 1)), b.Constant(new[] { 0f, 1 }, DataType.Float32, new Shape(2, 1)));
        var graph = b.Build([("y", b.Rope(x, positions, cos, sin))]).Lower(kind);
        var y = GraphRunner.Run(graph, new Dictionary<string, Tensor>
        {
            ["x"] = Tensor.Of(DataType.Float32, [1, 2, 1, 4], [1, 2, 3, 4, 5, 6, 7, 8]),
            ["positions"] = new(DataType.Int64, [1, 1], new long[] { 1 }),
        })["y"];
        Assert.Equal([-2, 1, 3, 4, -6, 5, 7, 8], y.Numbers());
    }

    [Theory]
    [InlineData("Rope", 9)]
    [InlineData("Rope, a table as long as the row", 1)]
    [InlineData("Rope, a line for each token", 1)]
    public void Rotary_tables_are_gathered_only_where_a_row_may_be_longer(string name, int nodes)
    {
        var g = new TestGraph(DataType.Float32, seed: 1);
        Assert.Equal(nodes, g.B.Build([("y", GradientCases.Composites[name](g))]).Lower(LoweringKind.Fused).Nodes.Count);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Forward_and_backward_share_the_logits_and_their_softmax(LoweringKind kind)
    {
        var g = new TestGraph(DataType.Float32, seed: 1);
        var y = GradientCases.Composites["TokenLogProbs"](g);
        var gradients = Backpropagation.Append(g.B, [(y, g.Given("g", "M"))], g.Reals);
        var lowered = g.B.Build([("y", y), .. g.Reals.Select(x => ($"{x.Name}_grad", gradients.Total(g.B, x)!))]).Lower(kind);
        Assert.Single(lowered.Nodes, n => n.Op == "LogSoftmax");
        Assert.Equal(2, lowered.Nodes.Count(n => n.Op.Type is "MatMul" or "FusedMatMul"));
    }

    [Theory]
    [InlineData(LoweringKind.Fused)]
    [InlineData(LoweringKind.OnDevice)]
    public void Rows_of_equal_index_add_up_as_in_a_sequential_sum(LoweringKind kind)
    {
        // Zipf-like ids at a vocabulary at which ONNX Runtime splits the work: two threads lose updates here, one must not.
        const int Vocabulary = 32_000, Width = 64, Count = 1152;
        var random = new Random(7);
        var ids = Enumerable.Range(0, Count).Select(_ => (long)(Math.Pow(Vocabulary, random.NextDouble()) - 1)).ToArray();
        var rows = Enumerable.Range(0, Count * Width).Select(_ => (float)random.NextDouble()).ToArray();
        var expected = new float[Vocabulary * Width];
        for (var i = 0; i < rows.Length; i++)
        {
            expected[(ids[i / Width] * Width) + (i % Width)] += rows[i];
        }

        var b = new GraphBuilder("scatter");
        var data = b.Input("data", DataType.Float32, new Shape(Vocabulary, Width));
        var sum = b.Add(
            CompositeOps.ScatterRowsAdd,
            [data, b.Input("ids", DataType.Int64, new Shape("M")), b.Input("rows", DataType.Float32, new Shape("M", Width))]);
        var graph = b.Build([("sum", sum)]);
        var lowered = graph.Lower(kind);
        Assert.True(graph.RequiresOneThread && lowered.RequiresOneThread);
        var outputs = GraphRunner.Run(lowered, new Dictionary<string, Tensor>
        {
            ["data"] = new(DataType.Float32, [Vocabulary, Width], new float[Vocabulary * Width]),
            ["ids"] = new(DataType.Int64, [Count], ids),
            ["rows"] = new(DataType.Float32, [Count, Width], rows),
        });
        Assert.Equal(expected, (float[])outputs["sum"].Data);
    }

    [Fact]
    public void Only_graphs_that_add_at_indices_require_one_thread()
    {
        var g = new TestGraph(DataType.Float32, seed: 1);
        var y = GradientCases.Rules["GatherElements"](g);
        var gradients = Backpropagation.Append(g.B, [(y, g.Given("g", "M", 1))], g.Reals);
        Assert.False(g.B.Build([("x_grad", gradients.Total(g.B, g.Reals[0])!)]).RequiresOneThread);
    }

    [Fact]
    public void A_composite_without_a_lowering_is_named()
    {
        var op = new Op(Op.Composite, "Unheard");
        var x = new Value("x", DataType.Float32, new Shape(2));
        var y = new Value("y", DataType.Float32, new Shape(2));
        var graph = new OnnxGraph(
            "test", [x], [y], [new Node("layer0/Unheard", op, [x], [y], Attributes.None)], new Dictionary<Value, Constant>());
        var error = Assert.Throws<NotSupportedException>(() => graph.Lower(LoweringKind.Fused));
        Assert.Equal("Node 'layer0/Unheard' (ortdpo.Unheard): no Fused lowering is registered.", error.Message);
    }
}
