using OrtDpo.Graph.Building;

namespace OrtDpo.Graph.Gradients;

/// <summary>
/// The table from operator to gradient rule, with three kinds of entry: a rule, <see cref="ZeroGradient"/> (the gradient is zero by definition),
/// <see cref="NotDifferentiable"/> (asking is an error). The rules are in the partial files, each under its formula.
/// </summary>
static partial class GradientRules
{
    static readonly Dictionary<Op, Action<GradientContext>> Table = new()
    {
        // Elementwise
        ["Add"] = Add,
        ["Cast"] = Cast,
        ["Div"] = Div,
        ["Exp"] = Exp,
        ["Identity"] = Identity,
        ["Log"] = Log,
        [new(Op.Composite, "Log1mExp")] = Log1mExp,
        ["Mul"] = Mul,
        ["Neg"] = Neg,
        ["Reciprocal"] = Reciprocal,
        ["Sigmoid"] = Sigmoid,
        [new(Op.Composite, "Softplus")] = Softplus,
        ["Sqrt"] = Sqrt,
        ["Sub"] = Sub,
        ["Where"] = Where,

        // Matrix products
        [new(Op.Microsoft, "FusedMatMul")] = MatMul,
        ["MatMul"] = MatMul,

        // Normalisation and reductions
        ["LogSoftmax"] = LogSoftmax,
        ["ReduceMean"] = ReduceMean,
        ["ReduceSum"] = ReduceSum,
        [new(Op.Composite, "RmsNorm")] = RmsNorm,
        ["Softmax"] = Softmax,

        // Shapes
        ["Concat"] = Concat,
        ["Expand"] = Expand,
        ["Reshape"] = Reshape,
        ["Slice"] = Slice,
        ["Split"] = Split,
        ["Squeeze"] = Reshape,
        ["Transpose"] = Transpose,
        ["Unsqueeze"] = Reshape,

        // Indexing
        ["Gather"] = Gather,
        ["GatherElements"] = GatherElements,
        [new(Op.Composite, "Sort")] = Sort,

        // Of language models
        [new(Op.Composite, "Rope")] = Rope,
        [new(Op.Composite, "TokenLogProbs")] = TokenLogProbs,

        // Zero by definition
        ["Equal"] = ZeroGradient,
        ["Greater"] = ZeroGradient,
        ["GreaterOrEqual"] = ZeroGradient,
        ["Less"] = ZeroGradient,
        ["LessOrEqual"] = ZeroGradient,
        ["Range"] = ZeroGradient,
        ["Shape"] = ZeroGradient,
        ["Sign"] = ZeroGradient,

        // Written only by gradients themselves, or steps: asking is an error
        [new(Op.Composite, "ScatterRowsAdd")] = NotDifferentiable,
        ["Mod"] = NotDifferentiable,
        ["Pad"] = NotDifferentiable,
        ["ReduceProd"] = NotDifferentiable,
    };

    /// <summary>The rule of a node.</summary>
    /// <exception cref="NotSupportedException">None is registered.</exception>
    public static Action<GradientContext> Find(Node node) => Table.TryGetValue(node.Op, out var rule)
        ? rule
        : throw new NotSupportedException($"Node {node}: no gradient rule is registered. Differentiable operators: {string.Join(", ", Differentiable())}.");

    static IEnumerable<string> Differentiable() =>
        Table.Where(e => e.Value != ZeroGradient && e.Value != NotDifferentiable).Select(e => e.Key.ToString()).Order(StringComparer.Ordinal);

    static void ZeroGradient(GradientContext c) => _ = c;

    static void NotDifferentiable(GradientContext c) => throw new NotSupportedException($"Node {c.Node}: this operator has no gradient.");
}
