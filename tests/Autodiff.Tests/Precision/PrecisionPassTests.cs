using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Autodiff.Gradients;
using OrtDpo.Autodiff.Lowering;
using OrtDpo.Autodiff.Precision;

namespace OrtDpo.Autodiff.Tests.Precision;

public sealed class PrecisionPassTests
{
    static readonly PrecisionPass ToBFloat16 = new(DataType.BFloat16);

    public static TheoryData<string, bool, bool> Gradients => PrecisionCases.Gradients;

    [Theory]
    [MemberData(nameof(Gradients))]
    public void In_float32_no_node_changes(string name, bool keep, bool trains)
    {
        var gradient = PrecisionCases.Gradient(name, keep, trains);
        var same = new PrecisionPass(DataType.Float32).Of(gradient);
        Assert.Equal(Text(gradient.Forward), Text(same.Forward));
        Assert.Equal(Text(gradient.Backward), Text(same.Backward));
        Assert.Equal(gradient.Saved, same.Saved);
    }

    [Theory]
    [MemberData(nameof(Gradients))]
    public void All_floating_operands_of_a_node_have_one_type(string name, bool keep, bool trains)
    {
        foreach (var graph in Narrow(name, keep, trains).SelectMany(g => new[] { g, g.Lower(LoweringKind.Fused) }))
        {
            var known = graph.Inputs.Concat(graph.Constants.Keys).ToHashSet();
            foreach (var node in graph.Nodes)
            {
                Assert.All(node.Inputs.OfType<Value>(), v => Assert.Contains(v, known));
                var types = node.Inputs.OfType<Value>().Select(v => v.Type).Where(type => type.IsFloat()).Distinct();
                Assert.True(types.Count() <= 1, node.ToString());
                known.UnionWith(node.Outputs.OfType<Value>());
            }

            Assert.All(graph.Outputs, v => Assert.Contains(v, known));
        }
    }

    [Theory]
    [MemberData(nameof(Gradients))]
    public void Gradients_of_norms_and_everything_of_log_probabilities_are_float32(string name, bool keep, bool trains)
    {
        Op[] islands = ["LayerNormalization", CompositeOps.RmsNorm, CompositeOps.TokenLogProbs];
        var found = 0;
        foreach (var node in Narrow(name, keep, trains).SelectMany(g => g.Nodes))
        {
            var isIn = node.Op == CompositeOps.TokenLogProbs || (node.GradientOf is { } origin && islands.Contains(origin));
            if (isIn && node.Op.Type is not ("Gather" or "Reshape" or "Unsqueeze" or "Shape"))
            {
                Assert.All(node.Inputs.OfType<Value>().Where(v => v.Type.IsFloat()), v => Assert.Equal(DataType.Float32, v.Type));
                found++;
            }
        }

        Assert.Equal(name == "embed", found == 0);
    }

    [Theory]
    [MemberData(nameof(Gradients))]
    public void Products_compute_in_bfloat16_but_for_the_heads(string name, bool keep, bool trains)
    {
        foreach (var node in Narrow(name, keep, trains).SelectMany(g => g.Nodes))
        {
            if (node.Op.Type is "Gemm" or "MatMul" or "FusedMatMul")
            {
                Assert.Equal(node.GradientOf == CompositeOps.TokenLogProbs ? DataType.Float32 : DataType.BFloat16, node.Output.Type);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Gradients))]
    public void No_cast_undoes_another_and_no_value_is_cast_twice(string name, bool keep, bool trains)
    {
        var total = 0;
        foreach (var graph in Narrow(name, keep, trains))
        {
            var casts = graph.Nodes.Where(n => n.Op == "Cast").ToList();
            var made = casts.Select(n => n.Output).ToHashSet();
            Assert.All(casts, n => Assert.DoesNotContain(n.Input(0), made));
            Assert.All(casts, n => Assert.NotEqual(n.Input(0).Type, n.Output.Type));
            Assert.Equal(casts.Count, casts.Select(n => (n.Input(0), n.Output.Type)).Distinct().Count());
            total += casts.Count;
        }

        Assert.Equal(trains || name != "embed", total > 0);
    }

    [Theory]
    [InlineData("layer", true)]
    [InlineData("layer", false)]
    [InlineData("head", true)]
    [InlineData("rows", false)]
    public void A_buffer_is_float32_and_read_by_nothing_but_the_node_that_makes_the_gradient(string name, bool keep)
    {
        var gradient = ToBFloat16.Of(PrecisionCases.Gradient(name, keep, trains: true));
        var buffers = gradient.Backward.Inputs.Where(v => v.Name.EndsWith("_grad.in", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(buffers);
        foreach (var buffer in buffers)
        {
            var reader = Assert.Single(gradient.Backward.Nodes, n => n.Inputs.Contains(buffer));
            Assert.Equal(DataType.Float32, buffer.Type);
            Assert.Equal(buffer.Name[..^".in".Length], reader.Output.Name);
            Assert.Contains(reader.Output, gradient.Backward.Outputs);
            // Of float32 products the sum is inside.
            Assert.Equal(reader.GradientOf == CompositeOps.TokenLogProbs ? "Gemm" : "Add", reader.Op.Type);
        }
    }

    [Fact]
    public void What_a_fragment_reads_and_hands_out_has_the_types_that_are_promised()
    {
        var gradient = ToBFloat16.Of(PrecisionCases.Gradient("layer", keep: true, trains: true));
        Assert.All(gradient.Saved, name => Assert.Equal(gradient.Forward.Output(name).Type, gradient.Backward.Input(name).Type));
        Assert.All(gradient.Saved, name => Assert.Equal(DataType.BFloat16, gradient.Backward.Input(name).Type));
        Check(gradient.Forward.Input, DataType.BFloat16, "hidden", "mask", "rope_cos", "q.weight", "q.bias", "norm.weight");
        Check(gradient.Forward.Input, DataType.Int64, "position_ids");
        Check(gradient.Forward.Output, DataType.BFloat16, "hidden_out");
        Check(gradient.Backward.Input, DataType.BFloat16, "hidden", "hidden_out_grad", "q.weight", "norm.weight");
        Check(gradient.Backward.Output, DataType.BFloat16, "hidden_grad");
        Check(gradient.Backward.Output, DataType.Float32, "q.weight_grad", "q.bias_grad", "norm.weight_grad");

        gradient = ToBFloat16.Of(PrecisionCases.Gradient("embed", keep: true, trains: true));
        Check(gradient.Forward.Output, DataType.BFloat16, "hidden", "mask");
        Check(gradient.Backward.Output, DataType.Float32, "embed.weight_grad_rows");
        Check(gradient.Backward.Output, DataType.Int64, "embed.weight_grad_rows.indices");

        gradient = ToBFloat16.Of(PrecisionCases.Gradient("head", keep: true, trains: true));
        Check(gradient.Forward.Input, DataType.Float32, "completion_mask");
        Check(gradient.Forward.Input, DataType.BFloat16, "hidden", "lm_head.weight");
        Check(gradient.Forward.Output, DataType.Float32, "token_logps");
        Check(gradient.Backward.Input, DataType.Float32, "token_logps_grad");
        Check(gradient.Backward.Output, DataType.Float32, "hidden_grad_rows", "lm_head.weight_grad");

        gradient = ToBFloat16.Of(PrecisionCases.Gradient("rows", keep: false, trains: false));
        Check(gradient.Forward.Output, DataType.Float32, "rows");
        Check(gradient.Backward.Input, DataType.Float32, "rows_grad");
        // What is handed out in float32 is computed so, and not rounded on its way.
        Assert.Equal(DataType.Float32, gradient.Forward.Nodes.Single(n => n.Op == CompositeOps.RmsNorm).Input(0).Type);

        static void Check(Func<string, Value> find, DataType type, params string[] names) =>
            Assert.All(names, name => Assert.Equal(type, find(name).Type));
    }

    [Fact]
    public void A_norm_computes_in_the_type_of_its_scale()
    {
        var graph = PrecisionCases.Layer().Graph;
        var narrow = ToBFloat16.Of(graph);
        var wide = new PrecisionPass(DataType.BFloat16, ["norm.weight", "ln.weight", "ln.bias"]).Of(graph);
        Assert.Equal(DataType.Float32, wide.Input("norm.weight").Type);
        foreach (var op in (Op[])["LayerNormalization", CompositeOps.RmsNorm])
        {
            Assert.All(Norm(narrow, op).Inputs, v => Assert.Equal(DataType.BFloat16, v!.Type));
            Assert.All(Norm(wide, op).Inputs, v => Assert.Equal(DataType.Float32, v!.Type));
            Assert.Equal(DataType.Float32, Norm(narrow, op).Outputs[^1]!.Type);
        }

        static Node Norm(OnnxGraph graph, Op op) => Assert.Single(graph.Nodes, n => n.Op == op);
    }

    [Fact]
    public void The_matrices_of_an_adapter_are_float32_and_cast_once()
    {
        var layer = PrecisionCases.Layer();
        var graph = LowRankTerm.AddTo(layer, new Dictionary<string, LowRankTerm> { ["q.weight"] = new(2, 1.5) });
        string[] trained = [LowRankTerm.A("q.weight"), LowRankTerm.B("q.weight")];
        var gradient = new PrecisionPass(DataType.BFloat16, trained).Of(
            FragmentGradient.Build(graph, [FragmentPorts.HiddenOut], [FragmentPorts.Hidden], trained, keep: false));
        foreach (var name in trained)
        {
            foreach (var part in new[] { gradient.Forward, gradient.Backward })
            {
                var reader = Assert.Single(part.Nodes, n => n.Inputs.Contains(part.Input(name)));
                Assert.Equal(DataType.Float32, part.Input(name).Type);
                Assert.Equal("Cast", reader.Op.Type);
            }

            Assert.Equal(DataType.Float32, gradient.Backward.Output(FragmentGradient.Gradient(name)).Type);
        }
    }

    [Fact]
    public void Constants_are_rounded_and_stay_finite()
    {
        var b = new GraphBuilder("test");
        var x = b.Input("x", DataType.Float32, new Shape("S"));
        var graph = b.Build([("y", b.Mul(b.Add(x, b.Scalar(float.MinValue, DataType.Float32)), b.Scalar(1.01, DataType.Float32)))]);
        var bits = ToBFloat16.Of(graph).Constants.Values.Select(c => Assert.Single((ushort[])c.Data)).Order();
        // 1.01 is nearest to 1 + 1/128, the least number of bfloat16 is 0xFF7F.
        Assert.Equal([0x3F81, 0xFF7F], bits.Select(u => (int)u));
    }

    [Fact]
    public void Float16_is_refused() => Assert.Equal(
        "Graphs compute in BFloat16 or Float32, not in Float16: float16 has no room for masks and small gradients.",
        Assert.Throws<NotSupportedException>(() => new PrecisionPass(DataType.Float16)).Message);

    [Fact]
    public void An_operator_without_a_rule_is_refused()
    {
        var node = new Node("here", new Op(Op.Composite, "Unheard"), [], [], Attributes.None);
        Assert.StartsWith(
            "Node 'here' (ortdpo.Unheard): no precision is registered for operator ortdpo.Unheard. Known operators: Abs, ",
            Assert.Throws<NotSupportedException>(() => PrecisionRules.Find(node)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_operator_has_a_rule() =>
        Assert.Equal(ShapeInference.Known.Select(op => op.ToString()).Order(), PrecisionRules.Known.Select(op => op.ToString()).Order());

    [Fact]
    public void Operators_that_may_compute_in_bfloat16_have_kernels_for_it()
    {
        var checkedOps = 0;
        foreach (var op in PrecisionRules.Known.Where(op => KernelTable.Cuda.Knows(op.ToString())))
        {
            var rule = PrecisionRules.Find(new Node("node", op, [], [], Attributes.None));
            if (rule is not (PrecisionRule.AsWritten or PrecisionRule.Float32))
            {
                Assert.True(KernelTable.Cuda.Has(op.ToString(), DataType.BFloat16), op.ToString());
                checkedOps++;
            }
        }

        Assert.True(checkedOps > 40, $"{checkedOps}");
    }

    [Fact]
    public void Nodes_remember_whose_gradient_they_are()
    {
        var backward = PrecisionCases.Gradient("layer", keep: false, trains: true).Backward;
        Assert.Contains(backward.Nodes, n => n.Op == "ReduceMean" && n.GradientOf == CompositeOps.RmsNorm);
        Assert.All(
            backward.Nodes.Where(n => n.GradientOf is not null),
            n => Assert.Contains(n.GradientOf!.Value, GradientRules.Differentiable));
        Assert.Null(Assert.Single(backward.Nodes, n => n.Op == CompositeOps.RmsNorm).GradientOf);
    }

    static OnnxGraph[] Narrow(string name, bool keep, bool trains)
    {
        var gradient = ToBFloat16.Of(PrecisionCases.Gradient(name, keep, trains));
        return gradient.Backward.Outputs.Count == 0 ? [gradient.Forward] : [gradient.Forward, gradient.Backward];
    }

    // Everything of a graph but the identity of its values, and what constants are called.
    static List<string> Text(OnnxGraph graph)
    {
        return
        [
            .. graph.Inputs.Select(v => $"in {v}"),
            .. graph.Outputs.Select(v => $"out {v}"),
            .. graph.Nodes.Select(n => $"{n} {string.Join(' ', n.Attributes.Values)} {n.GradientOf}"
                + $" ({string.Join("; ", n.Inputs.Select(Name))}) -> ({string.Join("; ", n.Outputs)})"),
        ];

        string? Name(Value? value) => value is not null && graph.Constants.TryGetValue(value, out var constant)
            ? $"{value.Type} {value.Shape} = {string.Join(' ', constant.Data.Cast<object>())}"
            : value?.ToString();
    }
}
