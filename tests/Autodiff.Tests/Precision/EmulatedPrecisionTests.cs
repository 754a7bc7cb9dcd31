using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Precision;
using OrtDpo.Testing.Running;

namespace OrtDpo.Autodiff.Tests.Precision;

[Trait("Speed", "native")]
public sealed class EmulatedPrecisionTests
{
    [Fact]
    public void Sums_are_rounded_after_each_node()
    {
        // Between 256 and 512 every second number exists: 256 + 1 lies halfway and goes down to the even one, 256 + 3 goes up.
        var b = new GraphBuilder("test");
        var (x, y) = (Input(b, "x", 3), Input(b, "y", 3));
        var sum = b.Add(x, y);
        var outputs = Run(b, [("sum", sum), ("twice", b.Add(sum, y))], ("x", [256, 256, -256]), ("y", [1, 3, -1]));
        Assert.Equal([256, 260, -256], outputs["sum"].Numbers());
        Assert.Equal([256, 264, -256], outputs["twice"].Numbers());
    }

    [Fact]
    public void A_product_sums_in_float32_and_is_rounded_once()
    {
        // 256 + 1 + 2 = 259 lies halfway between 258 and 260, the even one. Added one by one in bfloat16 it is 258.
        var b = new GraphBuilder("test");
        var product = b.MatMul(b.Input("x", DataType.BFloat16, new Shape(1, 3)), b.Input("y", DataType.BFloat16, new Shape(3, 1)));
        var graph = EmulatedPrecision.Of(b.Build([("z", product)]));
        var outputs = GraphRunner.Run(graph, new Dictionary<string, Tensor>
        {
            ["x"] = Tensor.Of(DataType.Float32, [1, 3], [256, 1, 2]), ["y"] = Tensor.Of(DataType.Float32, [3, 1], [1, 1, 1]),
        });
        Assert.Equal([260], outputs["z"].Numbers());
    }

    [Fact]
    public void What_comes_in_is_rounded_and_what_is_moved_is_not_rounded_again()
    {
        var b = new GraphBuilder("test");
        var graph = EmulatedPrecision.Of(b.Build([("y", b.Transpose(b.Input("x", DataType.BFloat16, new Shape(2, 1)), 1, 0))]));
        Assert.Equal(2, graph.Nodes.Count(n => n.Op == "Cast"));
        var outputs = GraphRunner.Run(
            graph, new Dictionary<string, Tensor> { ["x"] = Tensor.Of(DataType.Float32, [2, 1], [1 + (1.0 / 512), 3]) });
        Assert.Equal([1, 3], outputs["y"].Numbers());
    }

    [Fact]
    public void Float32_values_stay_exact_and_are_rounded_where_they_are_cast()
    {
        var b = new GraphBuilder("test");
        var wide = b.Add(b.Cast(Input(b, "x", 1), DataType.Float32), b.Scalar(1.0 / 512, DataType.Float32));
        var outputs = Run(b, [("wide", wide), ("narrow", b.Cast(wide, DataType.BFloat16))], ("x", [1]));
        Assert.Equal([1 + (1.0 / 512)], outputs["wide"].Numbers());
        Assert.Equal([1], outputs["narrow"].Numbers());
    }

    [Fact]
    public void ONNX_Runtime_rounds_as_constants_are_rounded()
    {
        var random = new Random(3);
        var values = Enumerable.Range(0, 2000).Select(_ => BitConverter.Int32BitsToSingle(random.Next())).Where(float.IsFinite)
            .Concat([0f, -0f, 1.00390625f, 1.01171875f, -3.38e38f, float.MaxValue, float.Epsilon, 1e-39f]).ToArray();
        var b = new GraphBuilder("test");
        var x = b.Input("x", DataType.Float32, new Shape(values.Length));
        var graph = b.Build([("y", b.Cast(b.Cast(x, DataType.BFloat16), DataType.Float32))]);
        var rounded = (float[])GraphRunner.Run(
            graph, new Dictionary<string, Tensor> { ["x"] = new(DataType.Float32, [values.Length], values) })["y"].Data;
        Assert.Equal(rounded, values.Select(v => FloatingBits.Float(FloatingBits.BFloat16(v))));
    }

    static Value Input(GraphBuilder b, string name, int count) => b.Input(name, DataType.BFloat16, new Shape(count));

    static IReadOnlyDictionary<string, Tensor> Run(
        GraphBuilder b, IEnumerable<(string, Value)> outputs, params (string Name, double[] Values)[] feeds) => GraphRunner.Run(
            EmulatedPrecision.Of(b.Build(outputs)),
            feeds.ToDictionary(f => f.Name, f => Tensor.Of(DataType.Float32, [f.Values.Length], f.Values)));
}
