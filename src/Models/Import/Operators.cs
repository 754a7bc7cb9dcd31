using OrtDpo.Autodiff.Building;

namespace OrtDpo.Models.Import;

/// <summary>
/// The table from a foreign operator to its conversion into the form that the builder's rules know: axes as inputs, constants folded, known
/// sizes kept apart from values. The conversions are in the partial files, by family.
/// </summary>
static partial class Operators
{
    public static readonly Dictionary<Op, Func<ImportContext, Operand[]>> Table = new()
    {
        // Elementwise
        ["Abs"] = Unary,
        ["Ceil"] = Unary,
        ["Cos"] = Unary,
        ["Erf"] = Unary,
        ["Exp"] = Unary,
        ["Floor"] = Unary,
        ["IsNaN"] = Unary,
        ["Log"] = Unary,
        ["Neg"] = Unary,
        ["Not"] = Unary,
        ["Reciprocal"] = Unary,
        ["Relu"] = Unary,
        ["Round"] = Unary,
        ["Sigmoid"] = Unary,
        ["Sign"] = Unary,
        ["Sin"] = Unary,
        ["Softplus"] = Softplus,
        ["Sqrt"] = Unary,
        ["Tanh"] = Unary,
        ["Add"] = Binary,
        ["And"] = Binary,
        ["Div"] = Binary,
        ["Equal"] = Binary,
        ["Greater"] = Binary,
        ["GreaterOrEqual"] = Binary,
        ["Less"] = Binary,
        ["LessOrEqual"] = Binary,
        ["Max"] = Variadic,
        ["Min"] = Variadic,
        ["Mod"] = Mod,
        ["Mul"] = Binary,
        ["Or"] = Binary,
        ["Pow"] = Pow,
        ["Sub"] = Binary,
        ["Sum"] = Sum,
        ["Cast"] = Cast,
        ["CastLike"] = CastLike,
        ["Clip"] = Clip,
        ["Dropout"] = Dropout,
        ["Gelu"] = Gelu,
        [new(Op.Microsoft, "FastGelu")] = FastGelu,
        [new(Op.Microsoft, "BiasGelu")] = c => c.Emit(new Op(Op.Microsoft, "BiasGelu")),
        [new(Op.Microsoft, "Gelu")] = Gelu,
        [new(Op.Microsoft, "QuickGelu")] = QuickGelu,
        ["Identity"] = Identity,
        ["LeakyRelu"] = LeakyRelu,
        ["Where"] = Where,

        // Normalisation and reductions
        ["LayerNormalization"] = LayerNormalization,
        ["LogSoftmax"] = AlongAxis,
        ["RMSNormalization"] = RmsNormalization,
        ["ReduceL1"] = Reduce,
        ["ReduceL2"] = ReduceL2,
        ["ReduceLogSumExp"] = Reduce,
        ["ReduceMax"] = Reduce,
        ["ReduceMean"] = Reduce,
        ["ReduceMin"] = Reduce,
        ["ReduceProd"] = Reduce,
        ["ReduceSum"] = Reduce,
        ["ReduceSumSquare"] = ReduceSumSquare,
        ["SimplifiedLayerNormalization"] = RmsNormalization,
        [new(Op.Microsoft, "SkipLayerNormalization")] = SkipLayerNormalization,
        [new(Op.Microsoft, "SkipSimplifiedLayerNormalization")] = SkipRmsNormalization,
        ["Softmax"] = AlongAxis,

        // Matrix products
        ["Einsum"] = Einsum,
        ["Gemm"] = Gemm,
        ["MatMul"] = MatMul,
        [new(Op.Microsoft, "FusedMatMul")] = FusedMatMul,

        // Shapes
        ["Concat"] = Concat,
        ["Constant"] = Constant,
        ["ConstantOfShape"] = ConstantOfShape,
        ["Expand"] = Expand,
        ["Flatten"] = Flatten,
        ["Range"] = Range,
        ["Reshape"] = Reshape,
        ["Shape"] = ShapeOf,
        ["Size"] = Size,
        ["Slice"] = Slice,
        ["Split"] = Split,
        ["Squeeze"] = Squeeze,
        ["Tile"] = Tile,
        ["Transpose"] = Transpose,
        ["Trilu"] = Trilu,
        ["Unsqueeze"] = Unsqueeze,

        // Indexing
        ["CumSum"] = CumSum,
        ["Gather"] = Gather,
        ["GatherElements"] = GatherElements,
        ["GatherND"] = GatherND,

        // Of language models
        [new(Op.Microsoft, "RotaryEmbedding")] = c => Rotary(c, positions: 1, cos: 2, sin: 3),
        ["RotaryEmbedding"] = c => Rotary(c, positions: 3, cos: 1, sin: 2),

        // Control
        ["If"] = If,
    };

    /// <summary>What messages list.</summary>
    public static string Supported => string.Join(", ", Table.Keys.Select(k => k.ToString()).Order(StringComparer.Ordinal));
}
