using OrtDpo.Autodiff.Building;

namespace OrtDpo.Models.Import;

/// <summary>
/// What a name of the foreign graph stands for: a value of the graph that is written, contents that are known without it, or a tensor
/// without elements (an empty past), of which only the shape is known.
/// </summary>
sealed class Operand
{
    readonly Value? value;

    Operand(Value? value, Known? known, DataType type, Shape shape)
    {
        this.value = value;
        Known = known;
        Type = type;
        Shape = shape;
    }

    public Known? Known { get; }

    public DataType Type { get; }

    public Shape Shape { get; }

    public bool IsEmpty => value is null && Known is null;

    public static Operand Empty(DataType type, Shape shape) => new(value: null, known: null, type, shape);

    public static implicit operator Operand(Value value) => new(value, known: null, value.Type, value.Shape);

    public static implicit operator Operand(Known known) => new(value: null, known, known.Type, new Shape(known.Shape.Select(n => (Dim)n)));

    /// <summary>The value, written into the graph where it was only known so far.</summary>
    public Value In(GraphBuilder b, SizeSources sizes) => value ?? (Known!.Constant is { } constant
        ? b.Constant(constant, Type, Shape)
        : sizes.Write(b, Known));
}
