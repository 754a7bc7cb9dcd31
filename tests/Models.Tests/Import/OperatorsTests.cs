using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Lowering;
using OrtDpo.Models.Import;
using OrtDpo.Testing.Running;

namespace OrtDpo.Models.Tests.Import;

/// <summary>Operators in the spellings of several operator sets: what is read gives what ONNX Runtime makes of the file.</summary>
[Trait("Speed", "native")]
public sealed class OperatorsTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(14, "m = ReduceMean(x) { axes = [-1], keepdims = 1 }\n y = Sub(x, m)")]
    [InlineData(18, "m = ReduceMean(x, [-1]) { keepdims = 1 }\n y = Sub(x, m)")]
    [InlineData(18, "m = ReduceMax(x, [2])\n y = Sub(x, m)")]
    [InlineData(14, "s = ReduceSum(x, [-1]) { keepdims = 0 }\n u = Unsqueeze(s, [2])\n y = Div(x, u)")]
    [InlineData(14, "n = ReduceL2(x) { axes = [2] }\n y = Div(x, n)")]
    [InlineData(14, "p = Pow(x, 2)\n y = Mul(p, scale)")]
    [InlineData(14, "h, t = Split(x) { axis = 2 }\n y = Concat(t, h) { axis = -1 }")]
    [InlineData(18, "h, t = Split(x) { axis = 2, num_outputs = 2 }\n y = Concat(t, h) { axis = -1 }")]
    [InlineData(14, "h, t = Split(x, [1, 3]) { axis = -1 }\n y = Concat(t, h) { axis = -1 }")]
    [InlineData(14, "d, m = Dropout(x)\n y = Identity(d)")]
    [InlineData(14, "y = Clip(x, -0.5, 0.5)")]
    [InlineData(14, "y = Clip(x, _, 0.5)")]
    [InlineData(20, "y = Gelu(x) { approximate = \"tanh\" }")]
    [InlineData(20, "y = Gelu(x)")]
    [InlineData(14, "y = Softmax(x)")]
    [InlineData(14, "f = Reshape(x, [-1, 4])\n k = Identity(square)\n g = Gemm(f, k, scale) { transB = 1, alpha = 0.5, beta = 2.0 }"
        + "\n s = Shape(x)\n y = Reshape(g, s)")]
    [InlineData(14, "f = Flatten(x) { axis = 2 }\n r = Relu(f)\n s = Shape(x)\n y = Reshape(r, s)")]
    [InlineData(14, "a = Slice(x, [0], [2], [-1])\n b = Slice(x, [2], [9223372036854775807], [2], [1])\n y = Concat(b, a) { axis = 2 }")]
    [InlineData(15, "e = CastLike(1, x)\n y = Add(x, e)")]
    [InlineData(14, "c = Cast(3) { to = 11 }\n d = Cast(c) { to = 1 }\n y = Div(x, d)")]
    [InlineData(14, "s = Shape(x)\n z = ConstantOfShape(s) { value = t(0.25) }\n y = Add(x, z)")]
    [InlineData(15, "s = Shape(x) { start = 2 }\n q = Squeeze(s)\n f = Cast(q) { to = 1 }\n r = Sqrt(f)\n y = Div(x, r)")]
    [InlineData(14, "r = Tile(scale1, [1, 1, 4])\n y = Mul(x, r)")]
    [InlineData(14, "n = Size(x)\n m = Mod(n, 4)\n f = Cast(m) { to = 1 }\n y = Add(x, f)")]
    [InlineData(14, "y = LeakyRelu(x) { alpha = 0.2 }")]
    [InlineData(14, "n = ReduceL1(x) { axes = [2] }\n y = Div(x, n)")]
    [InlineData(18, "n = ReduceLogSumExp(x, [-1])\n y = Div(x, n)")]
    [InlineData(14, "p = Unsqueeze([1, 0], [0, 2])\n b = Shape(x)\n e = Gather(b, [0])\n i = Concat(e, [2, 1]) { axis = 0 }"
        + "\n q = Expand(p, i)\n g = GatherND(x, q) { batch_dims = 1 }\n m = ReduceMean(g) { axes = [1] }\n y = Add(x, m)")]
    [InlineData(14, "y = com.microsoft.BiasGelu(x, scale)")]
    [InlineData(14, "y = com.microsoft.QuickGelu(x) { alpha = 1.5 }")]
    [InlineData(14, "r = Sigmoid(x)\n n, _, _, s = com.microsoft.SkipLayerNormalization(x, r, scale, scale, scale) { epsilon = 0.001 }"
        + "\n y = Add(n, s)")]
    [InlineData(14, "r = Sigmoid(x)\n y = com.microsoft.SkipLayerNormalization(x, r, scale) { epsilon = 0.001 }")]
    [InlineData(14, "r = Sigmoid(x)\n n, _, _, s = com.microsoft.SkipSimplifiedLayerNormalization(x, r, scale) { epsilon = 0.001 }"
        + "\n y = Add(n, s)")]
    [InlineData(14, "r = Sigmoid(x)\n y = com.microsoft.SkipSimplifiedLayerNormalization(x, r, scale, scale) { epsilon = 0.001 }")]
    public void An_operator_means_what_it_means_to_onnx_runtime(int opset, string lines) => Check(opset, lines);

    [Fact]
    public void Masks_of_ranges_comparisons_and_symbolic_shapes_are_followed() => Check(14, """
        s = Shape(input_ids)
        b = Gather(s, 0)
        w = Gather(s, 1)
        steps = Range(0, w, 1)
        row = Unsqueeze(steps, [0])
        column = Unsqueeze(steps, [1])
        later = Greater(row, column)
        ub = Unsqueeze(b, [0])
        uw = Unsqueeze(w, [0])
        target = Concat(ub, [1], uw, uw) { axis = 0 }
        rank = Shape(target)
        ones = ConstantOfShape(rank) { value = t(1) }
        minus = Mul(ones, -1)
        whole = Equal(target, minus)
        shape = Where(whole, ones, target)
        l4 = Unsqueeze(later, [0, 1])
        spread = Expand(l4, shape)
        scores = Where(spread, -1.0e4, 0.0)
        weights = Softmax(scores)
        x4 = Unsqueeze(x, [1])
        read = MatMul(weights, x4)
        y = Squeeze(read, [1])
        """);

    [Fact]
    public void A_shape_of_several_open_sizes_is_rebuilt_from_the_inputs() => Check(14, """
        f = Reshape(x, [-1, 4])
        g = MatMul(f, square)
        s = Shape(x)
        b = Gather(s, 0)
        w = Gather(s, 1)
        ub = Unsqueeze(b, [0])
        uw = Unsqueeze(w, [0])
        t = Concat(ub, uw, [2, 2]) { axis = 0 }
        h = Reshape(g, t)
        p = Transpose(h) { perm = [0, 2, 1, 3] }
        q = Transpose(p) { perm = [0, 2, 1, 3] }
        t2 = Concat(ub, uw, [4]) { axis = 0 }
        y = Reshape(q, t2)
        """);

    void Check(int opset, string lines)
    {
        var proto = TextModel.Build(opset, lines);
        proto.Graph.Initializer.Add(TextModel.Weight("square", 4, 4));
        proto.Graph.Initializer.Add(TextModel.Weight("scale1", 1, 1, 1));
        var path = proto.Write(folder.File("model.onnx"));
        long[] sizes = [2, 3];
        var feeds = new Dictionary<string, Tensor>
        {
            ["input_ids"] = new(DataType.Int64, sizes, new long[] { 0, 3, 1, 4, 2, 2 }),
            ["attention_mask"] = new(DataType.Int64, sizes, new long[] { 1, 1, 1, 1, 1, 0 }),
        };
        using var session = new InferenceSession(path);
        var expected = GraphRunner.Run(session, [.. session.InputNames], feeds)["logits"];

        using var file = OnnxFile.Open(path);
        var model = ForeignModel.Read(file);
        foreach (var parameter in model.Parameters)
        {
            var bytes = file.Read(file.Initializers[parameter.Name]).Bytes;
            feeds[parameter.Name] = new(DataType.Float32, parameter.Shape, MemoryMarshal.Cast<byte, float>(bytes).ToArray());
        }

        var b = new GraphBuilder("logits");
        var inputs = model.Body.Inputs.ToDictionary(i => i.Name, i => b.Input(i.Name, i.Type, i.Shape));
        var hidden = b.Inline(model.Body, inputs, "body")["hidden"];
        var head = b.Input(model.Head!.Weight, DataType.Float32, model.Head.Shape);
        var actual = GraphRunner.Run(b.Build([("logits", b.MatMul(hidden, head))]).Lower(LoweringKind.Fused), feeds)["logits"];
        GraphTolerance.Check(DataType.Float32, expected, actual, lines);
    }
}
