using OrtDpo.Autodiff.Building;
using static OrtDpo.Autodiff.Precision.PrecisionRule;

namespace OrtDpo.Autodiff.Precision;

/// <summary>
/// The table from operator to <see cref="PrecisionRule"/>, and to that of the nodes which its gradient rule writes where it is not each
/// node's own: a gradient that subtracts what nearly cancels is float32 as a whole. Why each is what it is, with measurements:
/// docs/decisions/0028.
/// </summary>
static class PrecisionRules
{
    static readonly Dictionary<Op, Entry> Table = new()
    {
        // Elementwise
        ["Abs"] = Follows,
        ["Add"] = Follows,
        ["Ceil"] = Float32,
        ["Clip"] = Float32,
        ["Cos"] = Float32,
        ["Div"] = Follows,
        ["Dropout"] = Follows,
        ["Erf"] = Follows,
        ["Exp"] = Follows,
        ["Floor"] = Float32,
        ["LeakyRelu"] = Float32,
        ["Log"] = Float32,
        ["Max"] = Follows,
        ["Min"] = Follows,
        ["Mod"] = Float32,
        ["Mul"] = Follows,
        ["Neg"] = Follows,
        ["Pow"] = new(Float32, Gradient: Float32),
        ["Reciprocal"] = Float32,
        ["Relu"] = Follows,
        ["Round"] = Float32,
        ["Sigmoid"] = Follows,
        ["Sign"] = Follows,
        ["Sin"] = Float32,
        ["Softplus"] = new(Float32, Gradient: Float32),
        ["Sqrt"] = new(Float32, Gradient: Float32),
        ["Sub"] = Follows,
        ["Tanh"] = Follows,
        ["Where"] = Follows,
        [CompositeOps.Log1mExp] = new(Float32, Gradient: Float32),
        [CompositeOps.Softplus] = new(Float32, Gradient: Float32),

        // Comparisons have no kernels for 16 bits
        ["And"] = AsWritten,
        ["Equal"] = Float32,
        ["Greater"] = Float32,
        ["GreaterOrEqual"] = Float32,
        ["IsInf"] = Moves,
        ["IsNaN"] = Moves,
        ["Less"] = Float32,
        ["LessOrEqual"] = Float32,
        ["Not"] = AsWritten,
        ["Or"] = AsWritten,

        // Gated and Gaussian units
        ["Gelu"] = Follows,
        [new(Op.Microsoft, "BiasGelu")] = Follows,
        [new(Op.Microsoft, "FastGelu")] = Follows,
        [new(Op.Microsoft, "Gelu")] = Follows,
        [new(Op.Microsoft, "QuickGelu")] = Follows,

        // Normalisation and reductions
        ["CumSum"] = Float32,
        ["LayerNormalization"] = new(ByScale, Gradient: Float32),
        ["LogSoftmax"] = new(Float32, Gradient: Float32),
        ["ReduceL1"] = Float32,
        ["ReduceL2"] = new(Float32, Gradient: Float32),
        ["ReduceLogSumExp"] = new(Float32, Gradient: Float32),
        ["ReduceMax"] = Float32,
        ["ReduceMean"] = new(Float32, Gradient: Float32),
        ["ReduceMin"] = Float32,
        ["ReduceProd"] = Float32,
        ["ReduceSum"] = Follows,
        ["ReduceSumSquare"] = new(Float32, Gradient: Float32),
        ["SimplifiedLayerNormalization"] = new(ByScale, Gradient: Float32),
        ["Softmax"] = Follows,
        [CompositeOps.RmsNorm] = new(ByScale, Gradient: Float32),
        [new(Op.Microsoft, "SkipLayerNormalization")] = new(Float32, Gradient: Float32),
        [new(Op.Microsoft, "SkipSimplifiedLayerNormalization")] = new(Float32, Gradient: Float32),

        // Matrix products
        ["Gemm"] = Product,
        ["MatMul"] = Product,
        [CompositeOps.Attention] = Product,
        [new(Op.Microsoft, "FusedMatMul")] = Product,

        // Shapes
        ["Cast"] = AsWritten,
        ["CastLike"] = AsWritten,
        ["Concat"] = Follows,
        ["ConstantOfShape"] = AsWritten,
        ["Expand"] = Moves,
        ["Flatten"] = Moves,
        ["Identity"] = Moves,
        ["Pad"] = Float32,
        ["Range"] = Float32,
        ["Reshape"] = Moves,
        ["Shape"] = AsWritten,
        ["Size"] = AsWritten,
        ["Slice"] = Moves,
        ["Split"] = Moves,
        ["Squeeze"] = Moves,
        ["Tile"] = Moves,
        ["Transpose"] = Moves,
        ["Trilu"] = Moves,
        ["Unsqueeze"] = Moves,

        // Indexing: sums at indices, and choices of the largest
        ["Gather"] = Moves,
        ["GatherElements"] = new(Moves, Gradient: Float32),
        ["GatherND"] = new(Moves, Gradient: Float32),
        ["NonZero"] = Float32,
        ["ScatterElements"] = Float32,
        ["ScatterND"] = Float32,
        ["TopK"] = Float32,
        [CompositeOps.ScatterRowsAdd] = Float32,
        [CompositeOps.Sort] = Float32,

        // Of language models
        [CompositeOps.Rope] = Follows,
        [new(Op.Microsoft, "RotaryEmbedding")] = Follows,
        [CompositeOps.TokenLogProbs] = new(Float32, Gradient: Float32),
    };

    /// <summary>The operators that have a rule.</summary>
    public static IEnumerable<Op> Known => Table.Keys;

    /// <summary>The rule of a node.</summary>
    /// <exception cref="NotSupportedException">None is registered for its operator.</exception>
    public static PrecisionRule Find(Node node)
    {
        var own = Of(node, node.Op).Rule;
        return own is AsWritten or Moves || node.GradientOf is not { } origin ? own : Of(node, origin).Gradient ?? own;
    }

    static Entry Of(Node node, Op op) => Table.TryGetValue(op, out var entry)
        ? entry
        : throw new NotSupportedException($"Node {node}: no precision is registered for operator {op}. Known operators: "
            + $"{string.Join(", ", Known.Select(k => k.ToString()).Order(StringComparer.Ordinal))}.");

    readonly record struct Entry(PrecisionRule Rule, PrecisionRule? Gradient = null)
    {
        public static implicit operator Entry(PrecisionRule rule) => new(rule);
    }
}
