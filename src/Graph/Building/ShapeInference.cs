using System.Collections.Immutable;

namespace OrtDpo.Graph.Building;

/// <summary>Types and shapes of a node's outputs: a flat table from operator to rule. The rules are in the partial files, by family.</summary>
static partial class ShapeInference
{
    static readonly Dictionary<Op, Func<ShapeContext, TensorType[]>> Rules = new()
    {
        // Elementwise
        ["Abs"] = Same,
        ["Erf"] = Same,
        ["Exp"] = Same,
        ["Identity"] = Same,
        ["Log"] = Same,
        ["Neg"] = Same,
        ["Not"] = Same,
        ["Reciprocal"] = Same,
        ["Relu"] = Same,
        ["Sigmoid"] = Same,
        ["Sign"] = Same,
        ["Softplus"] = Same,
        ["Sqrt"] = Same,
        ["Tanh"] = Same,
        ["Add"] = Broadcast,
        ["Div"] = Broadcast,
        ["Max"] = Broadcast,
        ["Min"] = Broadcast,
        ["Mod"] = Broadcast,
        ["Mul"] = Broadcast,
        ["Pow"] = Broadcast,
        ["Sub"] = Broadcast,
        ["And"] = Broadcast,
        ["Or"] = Broadcast,
        ["Equal"] = Comparison,
        ["Greater"] = Comparison,
        ["GreaterOrEqual"] = Comparison,
        ["Less"] = Comparison,
        ["LessOrEqual"] = Comparison,
        ["Cast"] = Cast,
        ["Where"] = Where,
        [new(Op.Composite, "Log1mExp")] = Same,
        [new(Op.Composite, "Softplus")] = Same,

        // Normalisation and reductions
        ["LogSoftmax"] = Same,
        ["Softmax"] = Same,
        ["ReduceMax"] = Reduce,
        ["ReduceMean"] = Reduce,
        ["ReduceProd"] = Reduce,
        ["ReduceSum"] = Reduce,
        [new(Op.Composite, "RmsNorm")] = RmsNorm,
        ["SimplifiedLayerNormalization"] = RmsNorm,

        // Matrix products
        ["Gemm"] = Gemm,
        ["MatMul"] = MatMul,
        [new(Op.Microsoft, "FusedMatMul")] = MatMul,

        // Shapes
        ["Concat"] = Concat,
        ["Expand"] = Expand,
        ["Pad"] = Pad,
        ["Range"] = Range,
        ["Reshape"] = Reshape,
        ["Shape"] = ShapeOf,
        ["Slice"] = Slice,
        ["Split"] = Split,
        ["Squeeze"] = Squeeze,
        ["Transpose"] = Transpose,
        ["Unsqueeze"] = Unsqueeze,

        // Indexing
        ["Gather"] = Gather,
        ["GatherElements"] = GatherElements,
        ["ScatterElements"] = Same,
        ["ScatterND"] = Same,
        [new(Op.Composite, "ScatterRowsAdd")] = ScatterRowsAdd,
        [new(Op.Composite, "Sort")] = Sort,
        ["TopK"] = TopK,

        // Of language models
        [new(Op.Composite, "Rope")] = Rope,
        [new(Op.Microsoft, "RotaryEmbedding")] = Rope,
        [new(Op.Composite, "TokenLogProbs")] = TokenLogProbs,
    };

    public static TensorType[] Infer(GraphBuilder graph, string node, Op op, ImmutableArray<Value?> inputs, Attributes attributes, int outputs)
    {
        if (!Rules.TryGetValue(op, out var rule))
        {
            throw new NotSupportedException(
                $"Node '{node}' ({op}): no shape rule is registered. Known operators: {string.Join(", ", Rules.Keys.Select(k => k.ToString()).Order(StringComparer.Ordinal))}.");
        }

        var context = new ShapeContext(graph, node, op, inputs, attributes, outputs);
        var types = rule(context);
        return types.Length >= outputs
            ? types
            : throw new ArgumentException($"Node '{node}' ({op}) was asked for {outputs} outputs; it has {types.Length}.");
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

    public ArgumentException Wrong(string what) =>
        new($"Node '{Node}' ({Op}): {what}. Inputs: {string.Join("; ", Inputs.Select(v => v?.ToString() ?? "none"))}.");
}
