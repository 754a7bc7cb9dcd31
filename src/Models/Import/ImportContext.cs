using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Onnx;

namespace OrtDpo.Models.Import;

/// <summary>What the conversion of an operator sees of its node.</summary>
sealed class ImportContext(GraphImport import, NodeProto node, Operand?[] operands)
{
    public GraphImport Import => import;

    public GraphBuilder B => import.Builder;

    public int Opset => import.Opset;

    public NodeProto Node => node;

    public NodeAttributes Attributes { get; } = new(node);

    public int Count => operands.Length;

    public bool Has(int index) => index < operands.Length && operands[index] is not null;

    public Operand I(int index) => (index < operands.Length ? operands[index] : null) ?? throw Damaged($"input {index} is missing");

    public Known? K(int index) => I(index).Known;

    /// <summary>Operand <paramref name="index"/> as a value of the graph.</summary>
    public Value V(int index) => I(index).IsEmpty
        ? throw Refused(
            $"input {index} ('{node.Input[index]}') has no elements, as pasts have none here, and the operator does more than join")
        : I(index).In(B, import.Sizes);

    public Value?[] Values() => [.. Enumerable.Range(0, operands.Length).Select(i => operands[i] is null ? null : V(i))];

    /// <summary>Operand <paramref name="index"/>, which decides a shape, as sizes.</summary>
    public Dim[] Dims(int index, string what) => K(index)?.Dims
        ?? throw Refused($"{what} ('{node.Input[index]}') is computed from values, not from shapes, so the shape of the output is lost");

    /// <summary>Operand <paramref name="index"/> as numbers.</summary>
    public long[] Numbers(int index, string what) => K(index)?.Numbers
        ?? throw Refused($"{what} ('{node.Input[index]}') must be a constant here; found "
            + (K(index)?.Dims is { } dims ? $"[{string.Join(", ", dims)}]" : I(index).Shape.ToString()));

    /// <summary>Operand <paramref name="index"/> as one number.</summary>
    public long Number(int index, string what) => Numbers(index, what) is [var number] ? number : throw Single(index, what);

    /// <summary>Operand <paramref name="index"/>, which decides a shape, as one size.</summary>
    public Dim Size(int index, string what) => Dims(index, what) is [var size] ? size : throw Single(index, what);

    /// <summary>Operand <paramref name="index"/> as a value of real numbers.</summary>
    public Value Real(int index) => I(index).Type.IsFloat()
        ? V(index)
        : throw Damaged($"input {index} ('{node.Input[index]}') is {I(index).Type}; expected real numbers");

    /// <summary>
    /// Axes as the operator has them: an attribute before <paramref name="inputSince"/>, an input from then on; null where there are none.
    /// </summary>
    public long[]? Axes(int inputSince) =>
        Opset < inputSince ? Attributes.Ints("axes")
        : Has(1) && (K(1)?.Count ?? 1) > 0 ? Numbers(1, "the axes") : null;

    public Operand[] Emit(Op op, Attributes? attributes = null, int outputs = 1) => Emit(op, Values(), attributes, outputs);

    public Operand[] Emit(Op op, Value?[] values, Attributes? attributes = null, int outputs = 1) =>
        [.. B.AddNode(op, values, attributes, outputs).Outputs.Select(v => (Operand)v!)];

    public InvalidDataException Damaged(string what) => new($"{import.Path}, node {Name}: {what}. Export or fetch the model again.");

    public NotSupportedException Refused(string what) => new($"{import.Path}, node {Name}: {what}.");

    InvalidDataException Single(int index, string what) =>
        Damaged($"{what} ('{node.Input[index]}') has the shape {I(index).Shape}; expected one number");

    string Name => $"'{(node.Name.Length > 0 ? node.Name : node.Output.FirstOrDefault())}' ({new Op(node.Domain, node.OpType)})";
}
