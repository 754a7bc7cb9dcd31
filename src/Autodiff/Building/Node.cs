using System.Collections.Immutable;

namespace OrtDpo.Autodiff.Building;

/// <summary>An operator applied to values. Absent optional inputs and outputs are null.</summary>
/// <param name="Name">Unique in its graph; what error messages name.</param>
/// <param name="Op">The operator.</param>
/// <param name="Inputs">Operands, in the operator's order.</param>
/// <param name="Outputs">Results, in the operator's order.</param>
/// <param name="Attributes">The operator's attributes.</param>
public sealed record Node(string Name, Op Op, ImmutableArray<Value?> Inputs, ImmutableArray<Value?> Outputs, Attributes Attributes)
{
    /// <summary>The operator whose gradient rule wrote the node; null for nodes of no gradient, and for sums of gradients.</summary>
    public Op? GradientOf { get; init; }

    /// <summary>The input at <paramref name="index"/>, which must be present.</summary>
    public Value Input(int index) => (index < Inputs.Length ? Inputs[index] : null)
        ?? throw new InvalidOperationException($"Node '{Name}' ({Op}): input {index} is missing; it has {Inputs.Length}.");

    public Value Output => Outputs[0]!;

    public override string ToString() => $"'{Name}' ({Op})";
}

/// <summary>An operator's domain and type. The empty domain is ai.onnx.</summary>
public readonly record struct Op(string Domain, string Type)
{
    public const string Onnx = "";

    /// <summary>ONNX Runtime's own operators.</summary>
    public const string Microsoft = "com.microsoft";

    /// <summary>Composites of this project: single nodes while differentiating, lowered to ONNX afterwards.</summary>
    public const string Composite = "ortdpo";

    public static implicit operator Op(string onnxType) => new(Onnx, onnxType);

    public override string ToString() => Domain.Length == 0 ? Type : $"{Domain}.{Type}";
}
