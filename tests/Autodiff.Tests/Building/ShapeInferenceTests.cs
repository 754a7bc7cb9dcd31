using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Tests.Building;

public sealed class ShapeInferenceTests
{
    static readonly Dictionary<string, (Func<GraphBuilder, Value> Write, string Message)> Wrong = new()
    {
        ["Add"] = (b => b.Add(Real(b, "a", "B", 3), Real(b, "b", "B", 4)),
            "Node 'layer0/Add' (Add): shapes [B, 3] and [B, 4] do not broadcast. Inputs: a: Float32 [B, 3]; b: Float32 [B, 4]."),
        ["Add of two types"] = (b => b.Add(Real(b, "a", 3), b.Scalar(1, DataType.Float64)),
            "operands have types Float32 and Float64; both must be the same"),
        ["Where"] = (b => b.Where(Real(b, "c", 3), Real(b, "x", 3), Real(b, "y", 3)), "the condition must be bool"),
        ["MatMul"] = (b => b.MatMul(Real(b, "a", 2, 3), Real(b, "b", 4, 3)), "the inner dimensions 3 and 4 differ"),
        ["MatMul batch"] = (b => b.MatMul(Real(b, "a", 5, 2, 3), Real(b, "b", 4, 3, 2)),
            "the batch dimensions [5] and [4] do not broadcast"),
        ["MatMul vector"] = (b => b.MatMul(Real(b, "a", 3), Real(b, "b", 3, 2)), "input 0 must have at least two dimensions"),
        ["MatMul of two types"] = (b => b.MatMul(Real(b, "a", 2, 3), b.Input("b", DataType.Float64, new Shape(3, 2))),
            "operands have types Float32 and Float64"),
        ["Gemm"] = (b => b.Gemm(Real(b, "a", 2, 3), Real(b, "b", 2, 3)), "matrices [2, 3] and [2, 3] do not multiply"),
        ["Gemm bias"] = (b => b.Gemm(Real(b, "a", 2, 3), Real(b, "b", 3, 4), Real(b, "c", 3)),
            "C of shape [3] does not broadcast to [2, 4]"),
        ["RmsNorm"] = (b => b.RmsNorm(Real(b, "x", "B", 4), Real(b, "scale", 3), 1e-5).Normalised, "the scale must have shape [4]"),
        ["Reshape"] = (b => b.Add("Reshape", [Real(b, "x", 2, 3), b.Int64s(4, 2)]), "[2, 3] does not reshape to [4, 2]"),
        ["Reshape, symbolic"] = (b => b.Add("Reshape", [Real(b, "x", "B", 3), b.Int64s(-1, 2)]), "[B, 3] does not reshape to [-1, 2]"),
        ["Expand"] = (b => b.ExpandLike(Real(b, "x", 2), Real(b, "like", 4, 3)), "[2] does not expand to [4, 3]"),
        ["Transpose"] = (b => b.Transpose(Real(b, "x", 2, 3), 0, 0), "the permutation [0, 0] does not fit rank 2"),
        ["Squeeze"] = (b => b.Squeeze(Real(b, "x", 2, 3), 1), "an axis of [1] in [2, 3] is not 1"),
        ["Concat"] = (b => b.Concat(0, Real(b, "x", 2, 3), Real(b, "y", 2, 4)), "'y' does not fit beside 'x' along axis 0"),
        ["Split"] = (b => b.Split(Real(b, "x", 2, "S"), axis: 1, parts: 2)[0], "dimension S does not split into 2 equal parts"),
        ["Slice"] = (b => b.Add("Slice", [Real(b, "x", 5), b.Int64s(0), b.Int64s(3), b.Int64s(0), b.Int64s(0)]), "a step is 0"),
        ["Reshape to what only running tells"] = (b => b.Add("Reshape", [Real(b, "x", 5), b.Input("t", DataType.Int64, new Shape(2))]),
            "input 1 ('t') must be a constant or made of shapes, else the shape of the output is lost"),
        ["Pad"] = (b => b.Add("Pad", [Real(b, "x", "S"), b.Int64s(0, 1)]), "the symbolic dimension S cannot be padded"),
        ["Gather"] = (b => b.Gather(Real(b, "x", 3), Real(b, "i", 2)), "indices must be int64 or int32"),
        ["GatherElements"] = (b => b.GatherElements(Real(b, "x", 3, 2), b.Int64s(0, 1), axis: 0),
            "data and indices must have the same rank"),
        ["Rope"] = (b => b.Rope(Real(b, "x", 1, 2, "S", 8), b.Int64s(0, 1), Real(b, "cos", 9, 4), Real(b, "sin", 9, 4)),
            "expected x [B, heads, S, D], positions [B, S]"),
        ["Attention"] = (b => b.Attention(
                Real(b, "q", 1, 4, "S", 8), Real(b, "k", 1, 3, "S", 8), Real(b, "v", 1, 3, "S", 8), Real(b, "m", 1, 1, "S", "S"), scale: 1),
            "do not fit each other"),
        ["TokenLogProbs"] = (b => b.TokenLogProbs(Real(b, "h", "M", 3), Real(b, "w", 3, 5), b.Input("i", DataType.Int64, new Shape("M"))),
            "expected hidden [M, H]"),
        ["Clip"] = (b => b.Add("Clip", [Real(b, "x", 3), Real(b, "low", 3)]), "input 1 must be a scalar of type Float32"),
        ["BiasGelu"] = (b => b.Add(new Op(Op.Microsoft, "BiasGelu"), [Real(b, "x", "B", 3), Real(b, "bias", 4)]),
            "the bias must have shape [3]"),
        ["LayerNormalization"] = (b => b.Add("LayerNormalization", [Real(b, "x", "B", 3, 4), Real(b, "scale", 3)], Axis(1)),
            "input 1 of shape [3] does not broadcast to [3, 4]"),
        ["SkipLayerNormalization"] = (b => b.Add(new Op(Op.Microsoft, "SkipLayerNormalization"), [Real(b, "x", 2, 3), Real(b, "skip", 3)]),
            "input and skip must have the same shape"),
        ["SimplifiedLayerNormalization"] = (b => b.Add("SimplifiedLayerNormalization", [Real(b, "x", 2, 3), Real(b, "scale", 2)], Axis(0)),
            "only the last axis is normalised"),
        ["Flatten"] = (b => b.Add("Flatten", [Real(b, "x", 2, 3)], Axis(3)), "axis 3 does not exist in [2, 3]"),
        ["Tile"] = (b => b.Add("Tile", [Real(b, "x", 2, 3), b.Int64s(2)]), "1 repeats do not fit rank 2"),
        ["Unsqueeze"] = (b => b.Unsqueeze(Real(b, "x", 2), 0, -3), "the axes [0, -3] do not fit rank 3"),
        ["GatherND"] = (b => b.Add("GatherND", [Real(b, "x", 2, 3), b.Input("i", DataType.Int64, new Shape("M", 3))]),
            "indices of shape [M, 3] with 0 batch dimensions do not index [2, 3]"),
        ["RotaryEmbedding"] = (b => b.Add(
            new Op(Op.Microsoft, "RotaryEmbedding"), [Real(b, "x", 1, 8), b.Int64s(0), Real(b, "cos", 9, 4), Real(b, "sin", 9, 4)]),
            "expected x [B, S, hidden] or [B, heads, S, D]"),
        ["A missing input"] = (b => b.Add("Add", [Real(b, "x", 3), null]), "input 1 is missing. Inputs: x: Float32 [3]; none."),
    };

    public static TheoryData<string> WrongNames => [.. Wrong.Keys];

    [Theory]
    [MemberData(nameof(WrongNames))]
    public void A_wrong_graph_is_refused_where_it_is_written(string name)
    {
        var b = new GraphBuilder("test");
        using var scope = b.Scope("layer0");
        var error = Assert.Throws<ShapeException>(() => Wrong[name].Write(b));
        Assert.StartsWith("Node 'layer0/", error.Message, StringComparison.Ordinal);
        Assert.Contains(Wrong[name].Message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_operator_is_refused_with_the_known_ones()
    {
        var b = new GraphBuilder("test");
        var error = Assert.Throws<NotSupportedException>(() => b.Add("Conv", [Real(b, "x", 2)]));
        Assert.StartsWith(
            "Node 'Conv' (Conv): no shape rule is registered. Known operators: Abs, Add, And",
            error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Transposed_batches_are_refused()
    {
        var b = new GraphBuilder("test");
        var error = Assert.Throws<NotSupportedException>(() => b.Add(
            new Op(Op.Microsoft, "FusedMatMul"), [Real(b, "a", 2, 3, 4), Real(b, "b", 3, 4, 5)], Attributes.None.With("transBatchA", 1L)));
        Assert.Equal(
            "Node 'FusedMatMul' (com.microsoft.FusedMatMul): transBatchA and transBatchB are not supported. Write a Transpose before it.",
            error.Message);
    }

    static Attributes Axis(long axis) => Attributes.None.With("axis", axis);

    static Value Real(GraphBuilder b, string name, params Dim[] shape) => b.Input(name, DataType.Float32, new Shape(shape));
}
