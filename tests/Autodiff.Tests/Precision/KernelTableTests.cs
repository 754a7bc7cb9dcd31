using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Lowering;
using OrtDpo.Autodiff.Precision;

namespace OrtDpo.Autodiff.Tests.Precision;

public sealed class KernelTableTests
{
    public static TheoryData<string, bool, bool> Gradients => PrecisionCases.Gradients;

    [Theory]
    [MemberData(nameof(Gradients))]
    public void Everything_that_a_decoder_is_made_of_has_kernels(string name, bool keep, bool trains)
    {
        foreach (var type in (DataType[])[DataType.Float32, DataType.BFloat16])
        {
            var gradient = new PrecisionPass(type).Of(PrecisionCases.Gradient(name, keep, trains));
            KernelTable.Cuda.Require(gradient.Forward.Lower(LoweringKind.Cuda));
            KernelTable.Cuda.Require(gradient.Backward.Lower(LoweringKind.Cuda));
        }
    }

    [Fact]
    public void A_node_without_a_kernel_in_its_type_is_refused_by_name_type_and_operator()
    {
        var b = new GraphBuilder("test");
        var x = b.Input("x", DataType.BFloat16, new Shape("S"));
        Assert.Equal(
            "Graph 'test', node 'Reciprocal': the CUDA provider has no kernel for Reciprocal in bfloat16, only in double, float, float16. "
            + "Give Reciprocal another rule in PrecisionRules, or compute on the CPU.",
            Refused(b.Build([("y", b.Reciprocal(x))])));
    }

    [Fact]
    public void Adding_at_indices_is_an_operator_of_its_own()
    {
        var b = new GraphBuilder("test");
        var sum = b.Add(
            CompositeOps.ScatterRowsAdd,
            [
                b.Input("sum", DataType.BFloat16, new Shape(4, 2)), b.Input("at", DataType.Int64, new Shape("M")),
                b.Input("rows", DataType.BFloat16, new Shape("M", 2)),
            ]);
        Assert.Contains(
            "no kernel for ScatterND(add) in bfloat16, only in float, float16.",
            Refused(b.Build([("y", sum)]).Lower(LoweringKind.Fused)), StringComparison.Ordinal);
    }

    [Fact]
    public void An_operator_without_any_kernel_is_refused()
    {
        var b = new GraphBuilder("test");
        Assert.Equal(
            "Graph 'test', node 'ReduceMax': the CUDA provider has no kernel for ReduceMax. Write it with other operators, or compute on "
            + "the CPU.",
            Refused(b.Build([("y", b.Add("ReduceMax", [b.Input("x", DataType.Float32, new Shape(2, 3)), b.Int64s(1)]))])));
    }

    [Theory]
    [InlineData(true, 0L)]
    [InlineData(true, 0L, 1L)]
    [InlineData(true, -1L)]
    [InlineData(true, 2L, 1L)]
    [InlineData(true, 0L, 1L, 2L)]
    [InlineData(false, 1L)]
    [InlineData(false, 0L, 2L)]
    public void Means_are_over_the_first_or_the_last_axes_without_cudnn(bool allowed, params long[] axes)
    {
        var b = new GraphBuilder("test");
        var x = b.Input("x", DataType.Float32, new Shape("B", "S", 4));
        KernelTable.Cuda.Require(b.Build([("y", b.ReduceSum(x, keepDims: false, axes))]));
        var graph = b.Build([("y", b.ReduceMean(x, keepDims: false, axes))]);
        if (allowed)
        {
            KernelTable.Cuda.Require(graph);
            return;
        }

        Assert.Equal(
            "Graph 'test', node 'ReduceMean' (ReduceMean): the CUDA provider reduces other axes than the first or the last ones with cuDNN "
            + "only, which is not asked for. Transpose before it.",
            Refused(graph));
    }

    [Fact]
    public void Sizes_need_no_kernels_since_the_host_computes_them()
    {
        // Nothing of a device multiplies sizes; of data, ReduceProd has no kernel.
        var b = new GraphBuilder("test");
        var x = b.Input("x", DataType.Float32, new Shape("B", "S"));
        var attributes = Attributes.None.With("keepdims", 0L);
        KernelTable.Cuda.Require(b.Build([("y", b.Add("ReduceProd", [b.ShapeOf(x)], attributes))]));
        var ids = b.Input("ids", DataType.Int64, new Shape(4));
        Refused(b.Build([("y", b.Add("ReduceProd", [ids], attributes))]));
    }

    [Theory]
    [InlineData("ai.onnx\tAdd", "Kernel table, line 2: 'ai.onnx\tAdd'; expected domain, operator and types between tabs.")]
    [InlineData("ai.onnx\tAdd\tfloat8", "Kernel table, line 2: type 'float8' is not known; known are bfloat16, bool, ")]
    [InlineData("ai.onnx\tSub\tfloat", "Kernel table, line 2: operator 'Sub' stands there twice.")]
    public void A_line_that_is_none_is_refused(string line, string message) => Assert.StartsWith(
        message,
        Assert.Throws<InvalidDataException>(() => KernelTable.Parse("provider", ["ai.onnx\tSub\tfloat", line])).Message,
        StringComparison.Ordinal);

    static string Refused(OnnxGraph graph) => Assert.Throws<NotSupportedException>(() => KernelTable.Cuda.Require(graph)).Message;
}
