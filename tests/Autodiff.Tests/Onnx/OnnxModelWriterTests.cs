using Microsoft.ML.OnnxRuntime;
using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Onnx;
using OrtDpo.Testing.Running;

namespace OrtDpo.Autodiff.Tests.Onnx;

[Trait("Speed", "native")]
public sealed class OnnxModelWriterTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("ortdpo-onnx").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void ONNX_Runtime_reads_back_names_types_and_sizes()
    {
        var b = new GraphBuilder("named");
        var x = b.Input("x", DataType.Float32, new Shape("B", "S", 4));
        b.Input("unused", DataType.Int64, new Shape("B"));
        using var session = new InferenceSession(
            OnnxModelWriter.ToBytes(b.Build([("merged", b.Reshape(x, new Shape((Dim)"B" * "S", 4)))])));
        Assert.Equal(["x", "unused"], session.InputNames);
        Assert.Equal(["merged"], session.OutputNames);
        Assert.Equal([-1, -1, 4], session.InputMetadata["x"].Dimensions);
        Assert.Equal(["B", "S", ""], session.InputMetadata["x"].SymbolicDimensions);
        Assert.Equal(typeof(long), session.InputMetadata["unused"].ElementType);
        Assert.Equal("B*S", session.OutputMetadata["merged"].SymbolicDimensions[0]);
    }

    [Fact]
    public void Constants_of_every_type_keep_their_contents()
    {
        var b = new GraphBuilder("constants");
        var outputs = new (string Name, Value Value)[]
        {
            ("float", b.Constant(new[] { 1.5f, -2 }, DataType.Float32, new Shape(2))),
            ("double", b.Constant(new[] { Math.PI, 3, 4, 5 }, DataType.Float64, new Shape(2, 2))),
            ("long", b.Int64s(long.MinValue, 7)),
            ("bool", b.Constant(new[] { true, false, true }, DataType.Bool, new Shape(3))),
            ("scalar", b.Int64(42)),
        };
        var results = GraphRunner.Run(b.Build(outputs), new Dictionary<string, Tensor>());
        Assert.Equal([1.5f, -2], (float[])results["float"].Data);
        Assert.Equal([Math.PI, 3, 4, 5], (double[])results["double"].Data);
        Assert.Equal([2, 2], results["double"].Sizes);
        Assert.Equal([long.MinValue, 7], (long[])results["long"].Data);
        Assert.Equal([true, false, true], (bool[])results["bool"].Data);
        Assert.Empty(results["scalar"].Sizes);
    }

    [Fact]
    public void An_input_that_is_empty_by_default_need_not_be_fed()
    {
        var b = new GraphBuilder("slot");
        var x = b.Input("x", DataType.Float32, new Shape(1, 2));
        var (left, right) = (b.Input("left", DataType.Float32, new Shape(1, "n")), b.Input("right", DataType.Float32, new Shape("n", 2)));
        var graph = b.Build([("y", b.Add(x, b.MatMul(left, right)))]);
        var path = Path.Combine(folder, "slot.onnx");
        OnnxModelWriter.Write(path, graph, [], new WrittenModel { EmptyByDefault = new HashSet<string> { "left", "right" } });
        using var session = new InferenceSession(path);
        Assert.Equal(["x"], session.InputNames);
        Assert.Equal(["left", "right"], session.OverridableInitializerMetadata.Keys.Order(StringComparer.Ordinal));
        var feeds = new Dictionary<string, Tensor>
        {
            ["x"] = Tensor.Of(DataType.Float32, [1, 2], [3, 4]),
            ["left"] = Tensor.Of(DataType.Float32, [1, 3], [1, 10, 100]),
            ["right"] = Tensor.Of(DataType.Float32, [3, 2], [1, 0, 2, 0, 3, 1]),
        };
        Assert.Equal([3, 4], GraphRunner.Run(session, ["x"], feeds)["y"].Numbers());
        Assert.Equal([324, 104], GraphRunner.Run(session, ["x", "left", "right"], feeds)["y"].Numbers());

        var refused = Assert.Throws<ArgumentException>(
            () => OnnxModelWriter.Write(path, graph, [], new WrittenModel { EmptyByDefault = new HashSet<string> { "x" } }));
        Assert.Contains(" has no open size, and cannot be empty.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_operator_set_is_21_unless_another_one_is_asked_for()
    {
        Assert.Equal(21, Version(OnnxModelWriter.ToBytes(Affine())));
        Assert.Equal(23, Version(OnnxModelWriter.ToBytes(Affine(), opset: 23)));

        static long Version(byte[] model) => ModelProto.Parser.ParseFrom(model).OpsetImport.Single(o => o.Domain.Length == 0).Version;
    }

    [Fact]
    public void A_graph_that_was_not_lowered_is_refused_and_the_node_named()
    {
        var b = new GraphBuilder("test");
        var y = b.Softplus(b.Input("x", DataType.Float32, new Shape(2)));
        var error = Assert.Throws<ArgumentException>(() => OnnxModelWriter.ToBytes(b.Build([("y", y)])));
        Assert.Equal(
            "Node 'Softplus' (ortdpo.Softplus) is a composite, which no ONNX runtime knows. Lower the graph before it is written.",
            error.Message);
    }

    [Theory]
    [InlineData(int.MaxValue, false)]
    [InlineData(100, true)]
    [InlineData(0, true)]
    public unsafe void Weights_inside_a_model_are_those_in_memory(long fileLimit, bool external)
    {
        // y = x · a + b with a = 3 × 2 and b = 2 numbers.
        var path = Path.Combine(folder, "model.onnx");
        float[] a = [1, 2, 3, 4, 5, 6], b = [10, 20];
        var graph = Affine();
        fixed (float* pa = a, pb = b)
        {
            OnnxModelWriter.Write(
                path,
                graph,
                [new("a", DataType.Float32, [3, 2], (nint)pa), new("b", DataType.Float32, [2], (nint)pb)],
                new() { FileLimit = fileLimit, ProducerVersion = "1.2", Metadata = { ["family"] = "affine", ["base"] = "9f" } });
        }

        Assert.Equal(external, File.Exists(path + ".data"));
        using var session = new InferenceSession(path);
        var outputs = GraphRunner.Run(
            session, ["x"], new Dictionary<string, Tensor> { ["x"] = Tensor.Of(DataType.Float32, [1, 3], [1, 0, -1]) });
        Assert.Equal([6, 16], outputs["y"].Numbers());
        Assert.Equal(["x"], session.InputNames);
        Assert.Equal("OrtDpo", session.ModelMetadata.ProducerName);
        Assert.Equal([("base", "9f"), ("family", "affine")], session.ModelMetadata.CustomMetadataMap.Select(m => (m.Key, m.Value)).Order());
        Assert.Equal("1.2", ModelProto.Parser.ParseFrom(File.ReadAllBytes(path)).ProducerVersion);
    }

    [Fact]
    public void A_weight_that_does_not_match_its_input_is_refused()
    {
        var path = Path.Combine(folder, "model.onnx");
        var error = Assert.Throws<ArgumentException>(() => OnnxModelWriter.Write(path, Affine(), [new("a", DataType.Float32, [2, 3], 0)]));
        Assert.StartsWith(
            "Initializer 'a' is Float32 [2, 3]; graph 'affine' expects a: Float32 [3, 2].", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<ArgumentException>(() => OnnxModelWriter.Write(path, Affine(), [new("c", DataType.Float32, [2], 0)]));
        Assert.StartsWith("Graph 'affine' has no input 'c'; it has x, a, b.", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(path));
    }

    static OnnxGraph Affine()
    {
        var g = new GraphBuilder("affine");
        var x = g.Input("x", DataType.Float32, new Shape("M", 3));
        var a = g.Input("a", DataType.Float32, new Shape(3, 2));
        return g.Build([("y", g.Add(g.MatMul(x, a), g.Input("b", DataType.Float32, new Shape(2))))]);
    }
}
