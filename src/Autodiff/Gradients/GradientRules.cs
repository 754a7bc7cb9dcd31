using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Gradients;

/// <summary>
/// The table from operator to gradient rule, with three kinds of entry: a rule, <see cref="ZeroGradient"/> (the gradient is zero by
/// definition), <see cref="NotDifferentiable"/> (asking is an error). The rules are in the partial files, each under its formula.
/// </summary>
static partial class GradientRules
{
    static readonly Dictionary<Op, Action<GradientContext>> Table = new()
    {
        // Elementwise
        ["Abs"] = Abs,
        ["Add"] = Add,
        ["Cast"] = Cast,
        ["CastLike"] = CastLike,
        ["Clip"] = Clip,
        ["Cos"] = Cos,
        ["Div"] = Div,
        ["Dropout"] = Dropout,
        ["Exp"] = Exp,
        ["Identity"] = Identity,
        ["Log"] = Log,
        [CompositeOps.Log1mExp] = Log1mExp,
        ["Max"] = Extremum,
        ["Min"] = Extremum,
        ["Mul"] = Mul,
        ["Neg"] = Neg,
        ["Pow"] = Pow,
        ["Reciprocal"] = Reciprocal,
        ["Sin"] = Sin,
        ["Sqrt"] = Sqrt,
        ["Sub"] = Sub,
        ["Where"] = Where,

        // Activations
        [new(Op.Microsoft, "BiasGelu")] = BiasGelu,
        ["Erf"] = Erf,
        [new(Op.Microsoft, "FastGelu")] = FastGelu,
        ["Gelu"] = Gelu,
        [new(Op.Microsoft, "Gelu")] = Gelu,
        ["LeakyRelu"] = LeakyRelu,
        [new(Op.Microsoft, "QuickGelu")] = QuickGelu,
        ["Relu"] = Relu,
        ["Sigmoid"] = Sigmoid,
        ["Softplus"] = Softplus,
        [CompositeOps.Softplus] = Softplus,
        ["Tanh"] = Tanh,

        // Matrix products
        [new(Op.Microsoft, "FusedMatMul")] = MatMul,
        ["Gemm"] = Gemm,
        ["MatMul"] = MatMul,

        // Normalisation and reductions
        ["CumSum"] = CumSum,
        ["LayerNormalization"] = LayerNormalization,
        ["LogSoftmax"] = LogSoftmax,
        ["ReduceL1"] = ReduceL1,
        ["ReduceL2"] = ReduceL2,
        ["ReduceLogSumExp"] = ReduceLogSumExp,
        ["ReduceMax"] = ReduceExtremum,
        ["ReduceMean"] = ReduceMean,
        ["ReduceMin"] = ReduceExtremum,
        ["ReduceSum"] = ReduceSum,
        ["ReduceSumSquare"] = ReduceSumSquare,
        [CompositeOps.RmsNorm] = RmsNorm,
        ["SimplifiedLayerNormalization"] = RmsNorm,
        [new(Op.Microsoft, "SkipLayerNormalization")] = SkipLayerNormalization,
        [new(Op.Microsoft, "SkipSimplifiedLayerNormalization")] = SkipRmsNorm,
        ["Softmax"] = Softmax,

        // Shapes
        ["Concat"] = Concat,
        ["Expand"] = Expand,
        ["Flatten"] = Reshape,
        ["Reshape"] = Reshape,
        ["Slice"] = Slice,
        ["Split"] = Split,
        ["Squeeze"] = Reshape,
        ["Tile"] = Tile,
        ["Transpose"] = Transpose,
        ["Trilu"] = Trilu,
        ["Unsqueeze"] = Reshape,

        // Indexing
        ["Gather"] = Gather,
        ["GatherElements"] = GatherElements,
        ["GatherND"] = GatherND,
        [CompositeOps.Sort] = Sort,

        // Of language models
        [CompositeOps.Rope] = Rope,
        [new(Op.Microsoft, "RotaryEmbedding")] = RotaryEmbedding,
        [CompositeOps.TokenLogProbs] = TokenLogProbs,

        // Zero by definition
        ["Ceil"] = ZeroGradient,
        ["Equal"] = ZeroGradient,
        ["Floor"] = ZeroGradient,
        ["Greater"] = ZeroGradient,
        ["GreaterOrEqual"] = ZeroGradient,
        ["IsInf"] = ZeroGradient,
        ["IsNaN"] = ZeroGradient,
        ["Less"] = ZeroGradient,
        ["LessOrEqual"] = ZeroGradient,
        ["NonZero"] = ZeroGradient,
        ["Range"] = ZeroGradient,
        ["Round"] = ZeroGradient,
        ["Shape"] = ZeroGradient,
        ["Sign"] = ZeroGradient,
        ["Size"] = ZeroGradient,

        // Written only by gradients themselves, or steps: asking is an error
        [CompositeOps.ScatterRowsAdd] = NotDifferentiable,
        ["Mod"] = NotDifferentiable,
        ["Pad"] = NotDifferentiable,
        ["ReduceProd"] = NotDifferentiable,
        ["ScatterElements"] = NotDifferentiable,
        ["ScatterND"] = NotDifferentiable,
    };

    /// <summary>The rule of a node.</summary>
    /// <exception cref="NotSupportedException">None is registered.</exception>
    public static Action<GradientContext> Find(Node node) => Table.TryGetValue(node.Op, out var rule)
        ? rule
        : throw new NotSupportedException($"Node {node}: no gradient rule is registered. "
            + $"Differentiable operators: {Names(Differentiable)}.");

    /// <summary>Whether the operator's gradient is zero by definition.</summary>
    public static bool IsZero(Op op) => Table.TryGetValue(op, out var rule) && rule == ZeroGradient;

    /// <summary>The operators that have a rule.</summary>
    public static IEnumerable<Op> Differentiable =>
        Table.Where(e => e.Value != ZeroGradient && e.Value != NotDifferentiable).Select(e => e.Key);

    /// <summary>The operators whose gradient is zero by definition.</summary>
    public static IEnumerable<Op> Zeros => Table.Where(e => e.Value == ZeroGradient).Select(e => e.Key);

    static string Names(IEnumerable<Op> ops) => string.Join(", ", ops.Select(op => op.ToString()).Order(StringComparer.Ordinal));

    static void ZeroGradient(GradientContext c) => _ = c;

    static void NotDifferentiable(GradientContext c) => throw new NotSupportedException($"Node {c.Node}: this operator has no gradient.");
}
