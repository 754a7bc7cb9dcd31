using System.Collections.Immutable;

namespace OrtDpo.Autodiff.Building;

/// <summary>
/// Types and shapes of a node's outputs: a flat table from operator to rule. The rules are in the partial files, by family.
/// </summary>
static partial class ShapeInference
{
    static readonly Dictionary<Op, Func<ShapeContext, TensorType[]>> Rules = new()
    {
        // Elementwise
        ["Abs"] = Same,
        ["Ceil"] = Same,
        ["Cos"] = Same,
        ["Erf"] = Same,
        ["Exp"] = Same,
        ["Floor"] = Same,
        ["Identity"] = Same,
        ["LeakyRelu"] = Same,
        ["Log"] = Same,
        ["Neg"] = Same,
        ["Not"] = Same,
        ["Reciprocal"] = Same,
        ["Relu"] = Same,
        ["Round"] = Same,
        ["Sigmoid"] = Same,
        ["Sign"] = Same,
        ["Sin"] = Same,
        ["Softplus"] = Same,
        ["Sqrt"] = Same,
        ["Tanh"] = Same,
        ["Add"] = Broadcast,
        ["Div"] = Broadcast,
        ["Max"] = Broadcast,
        ["Min"] = Broadcast,
        ["Mod"] = Broadcast,
        ["Mul"] = Broadcast,
        ["Sub"] = Broadcast,
        ["And"] = Broadcast,
        ["Or"] = Broadcast,
        ["Pow"] = Pow,
        ["Equal"] = Comparison,
        ["Greater"] = Comparison,
        ["GreaterOrEqual"] = Comparison,
        ["Less"] = Comparison,
        ["LessOrEqual"] = Comparison,
        ["IsInf"] = Test,
        ["IsNaN"] = Test,
        ["Cast"] = Cast,
        ["CastLike"] = CastLike,
        ["Clip"] = Clip,
        ["Dropout"] = Dropout,
        ["Where"] = Where,
        [CompositeOps.Log1mExp] = Same,
        [CompositeOps.Softplus] = Same,

        // Attention
        [CompositeOps.Attention] = Attention,

        // Gated and Gaussian units
        ["Gelu"] = Same,
        [new(Op.Microsoft, "BiasGelu")] = Biased,
        [new(Op.Microsoft, "FastGelu")] = Biased,
        [new(Op.Microsoft, "Gelu")] = Same,
        [new(Op.Microsoft, "QuickGelu")] = Same,

        // Normalisation and reductions
        ["CumSum"] = Same,
        ["LayerNormalization"] = LayerNormalization,
        ["LogSoftmax"] = Same,
        ["Softmax"] = Same,
        ["ReduceL1"] = Reduce,
        ["ReduceL2"] = Reduce,
        ["ReduceLogSumExp"] = Reduce,
        ["ReduceMax"] = Reduce,
        ["ReduceMean"] = Reduce,
        ["ReduceMin"] = Reduce,
        ["ReduceProd"] = Reduce,
        ["ReduceSum"] = Reduce,
        ["ReduceSumSquare"] = Reduce,
        [CompositeOps.RmsNorm] = RmsNorm,
        ["SimplifiedLayerNormalization"] = RmsNorm,
        [new(Op.Microsoft, "SkipLayerNormalization")] = SkipNorm,
        [new(Op.Microsoft, "SkipSimplifiedLayerNormalization")] = SkipNorm,

        // Matrix products
        ["Gemm"] = Gemm,
        ["MatMul"] = MatMul,
        [new(Op.Microsoft, "FusedMatMul")] = MatMul,

        // Shapes
        ["Concat"] = Concat,
        ["ConstantOfShape"] = ConstantOfShape,
        ["Expand"] = Expand,
        ["Flatten"] = Flatten,
        ["Pad"] = Pad,
        ["Range"] = Range,
        ["Reshape"] = Reshape,
        ["Shape"] = ShapeOf,
        ["Size"] = Size,
        ["Slice"] = Slice,
        ["Split"] = Split,
        ["Squeeze"] = Squeeze,
        ["Tile"] = Tile,
        ["Transpose"] = Transpose,
        ["Trilu"] = Same,
        ["Unsqueeze"] = Unsqueeze,

        // Indexing
        ["Gather"] = Gather,
        ["GatherElements"] = GatherElements,
        ["GatherND"] = GatherND,
        ["NonZero"] = NonZero,
        ["ScatterElements"] = Same,
        ["ScatterND"] = Same,
        [CompositeOps.ScatterRowsAdd] = ScatterRowsAdd,
        [CompositeOps.Sort] = Sort,
        ["TopK"] = TopK,

        // Of language models
        [CompositeOps.Rope] = Rope,
        [new(Op.Microsoft, "RotaryEmbedding")] = RotaryEmbedding,
        [CompositeOps.TokenLogProbs] = TokenLogProbs,
    };

    /// <summary>The operators that have a rule.</summary>
    public static IEnumerable<Op> Known => Rules.Keys;

    public static TensorType[] Infer(
        GraphBuilder graph, string node, Op op, ImmutableArray<Value?> inputs, Attributes attributes, int outputs)
    {
        if (!Rules.TryGetValue(op, out var rule))
        {
            var known = string.Join(", ", Known.Select(k => k.ToString()).Order(StringComparer.Ordinal));
            throw new NotSupportedException($"Node '{node}' ({op}): no shape rule is registered. Known operators: {known}.");
        }

        var context = new ShapeContext(graph, node, op, inputs, attributes, outputs);
        var types = rule(context);
        return types.Length >= outputs
            ? types
            : throw new ShapeException($"Node '{node}' ({op}) was asked for {outputs} outputs; it has {types.Length}.");
    }
}

/// <summary>An element type and a shape.</summary>
readonly record struct TensorType(DataType Type, Shape Shape);

/// <summary>What a shape rule sees of its node.</summary>
sealed record ShapeContext(GraphBuilder Graph, string Node, Op Op, ImmutableArray<Value?> Inputs, Attributes Attributes, int Outputs)
{
    public Value I(int index) => (index < Inputs.Length ? Inputs[index] : null)
        ?? throw Wrong($"input {index} is missing");

    public bool Has(int index) => index < Inputs.Length && Inputs[index] is not null;

    public Shape Shape(int index) => I(index).Shape;

    /// <summary>The int64 contents of a constant input; null where the input is not constant.</summary>
    public long[]? Int64s(int index) => Graph.Constants.TryGetValue(I(index), out var constant) ? constant.Int64s : null;

    /// <summary>The int64 contents of an input that must be constant here.</summary>
    public long[] ConstantInt64s(int index) => Int64s(index) ?? throw Wrong($"input {index} ('{I(index).Name}') must be a constant");

    /// <summary>The contents of an int64 input as dimensions, which must be known: constants, or computed from shapes.</summary>
    public Dim[] Dims(int index) => ShapeValues.Of(Graph, I(index))
        ?? throw Wrong($"input {index} ('{I(index).Name}') must be a constant or made of shapes, else the shape of the output is lost");

    /// <summary>A size that only running the graph tells: a symbol of its own.</summary>
    public Dim Unknown(int axis) => $"{Node}.{axis}";

    public ShapeException Wrong(string what) =>
        new($"Node '{Node}' ({Op}): {what}. Inputs: {string.Join("; ", Inputs.Select(v => v?.ToString() ?? "none"))}.");
}
