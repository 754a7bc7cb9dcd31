using System.Globalization;
using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Autodiff.Onnx;

namespace OrtDpo.Models.Import;

/// <summary>
/// The inputs of a foreign decoder by their roles: tokens, mask and positions are fed from the batch; pasts are empty; a switch between
/// branches with and without a cache is off.
/// </summary>
sealed record ModelInputs(IReadOnlyDictionary<string, Operand> Operands, SizeSources Sizes)
{
    public const string Batch = "B";
    public const string Sequence = "S";

    const string Tokens = FragmentPorts.InputIds;
    const string Mask = FragmentPorts.AttentionMask;
    const string Positions = FragmentPorts.PositionIds;

    static readonly Shape Rows = new(Batch, Sequence);

    /// <summary>Declares the inputs that are fed, <c>int64 [B, S]</c>, under their names; the others are known.</summary>
    /// <exception cref="NotSupportedException">An input has none of these roles.</exception>
    public static ModelInputs Declare(OnnxFile file, GraphBuilder b)
    {
        var inputs = file.Graph.Input.Where(i => !file.Initializers.ContainsKey(i.Name)).ToList();
        var tokens = inputs.Find(i => i.Name == Tokens) ?? throw new NotSupportedException(
            $"{file.Path} has the inputs {string.Join(", ", inputs.Select(i => i.Name))}; expected {Tokens} among them, with the tokens.");
        var batch = Dimensions(tokens) is [{ DimParam: { Length: > 0 } name }, _] ? name : null;
        if (Dimensions(tokens).Any(d => d.DimValue > 0) || Dimensions(tokens).Count != 2)
        {
            throw new NotSupportedException(
                $"{file.Path}: {Tokens} has the fixed shape [{string.Join(", ", Dimensions(tokens).Select(Text))}]; "
                + "expected [batch, sequence], both open. Export it with dynamic axes.");
        }

        var operands = new Dictionary<string, Operand>(StringComparer.Ordinal);
        Value? ids = null;
        foreach (var input in inputs)
        {
            operands[input.Name] = input.Name switch
            {
                Tokens => Fed(file, b, input, out ids),
                Mask or Positions => Fed(file, b, input, out _),
                _ when input.Name.StartsWith("past", StringComparison.Ordinal) => Past(file, input, batch),
                "use_cache_branch" => new Known(DataType.Bool, [1], new bool[1]),
                _ => throw new NotSupportedException(
                    $"{file.Path}: nothing is known to feed input '{input.Name}' with. "
                    + $"Supported are {Tokens}, {Mask}, {Positions}, past… and use_cache_branch."),
            };
        }

        var sources = new Dictionary<string, (Value, int)>(StringComparer.Ordinal) { [Batch] = (ids!, 0), [Sequence] = (ids!, 1) };
        return new ModelInputs(operands, new SizeSources(file.Path, sources));
    }

    // The batch has int64; what the model declares instead is cast.
    static Operand Fed(OnnxFile file, GraphBuilder b, ValueInfoProto input, out Value value)
    {
        var declared = (ElementType)(input.Type?.TensorType?.ElemType ?? 0);
        var type = declared.Computed()
            ?? throw new NotSupportedException($"{file.Path}: input '{input.Name}' is {declared}; expected Int64.");
        value = b.Input(input.Name, DataType.Int64, Rows);
        return b.Cast(value, type);
    }

    // Open dimensions: the batch, by its name or by standing first among the open ones; the others are the past's length.
    static Operand Past(OnnxFile file, ValueInfoProto input, string? batch)
    {
        var type = ((ElementType)(input.Type?.TensorType?.ElemType ?? 0)).Computed() ?? DataType.Float32;
        var dims = Dimensions(input);
        var named = batch is not null && dims.Any(d => d.DimParam == batch);
        var first = dims.FindIndex(d => d.DimValue <= 0);
        var shape = new Shape(dims.Select((d, i) => d.DimValue > 0 ? d.DimValue
            : (named ? d.DimParam == batch : i == first) ? (Dim)Batch
            : 0));
        return shape.Any(d => d == 0)
            ? Operand.Empty(type, shape)
            : throw new NotSupportedException(
                $"{file.Path}: input '{input.Name}' [{string.Join(", ", dims.Select(Text))}] has no open length, so it cannot be empty. "
                + "Export it with dynamic axes.");
    }

    static List<TensorShapeProto.Types.Dimension> Dimensions(ValueInfoProto input) => [.. input.Type?.TensorType?.Shape?.Dim ?? []];

    static string Text(TensorShapeProto.Types.Dimension dim) =>
        dim.DimParam.Length > 0 ? dim.DimParam : dim.DimValue > 0 ? dim.DimValue.ToString(CultureInfo.InvariantCulture) : "?";
}
