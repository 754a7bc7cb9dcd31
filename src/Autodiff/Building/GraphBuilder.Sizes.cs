namespace OrtDpo.Autodiff.Building;

/// <summary>
/// Sizes as values. Where a size is a number it is a constant, and where it is a symbol that an input has, that input's: Shape(x) would
/// keep x alive, or have it computed again, for nothing but its size.
/// </summary>
public sealed partial class GraphBuilder
{
    readonly Dictionary<string, Value> sizes = new(StringComparer.Ordinal);

    /// <summary>The size of <paramref name="x"/> at <paramref name="axis"/>: <c>int64 [1]</c>.</summary>
    public Value SizeOf(Value x, int axis) => Size(x.Shape[axis]) ?? SizeAt(x, x.Shape.Axis(axis));

    /// <summary>The sizes of <paramref name="x"/>: <c>int64 [rank]</c>.</summary>
    public Value SizesOf(Value x)
    {
        if (x.Shape.All(dim => dim.Value is not null))
        {
            return Int64s([.. x.Shape.Select(dim => dim.Value!.Value)]);
        }

        var sizes = inputs.Contains(x) ? [] : x.Shape.Select(Size).OfType<Value>().ToArray();
        return sizes.Length == x.Shape.Rank ? Concat(0, sizes) : ShapeOf(x);
    }

    /// <summary>
    /// Parts beside each other along <paramref name="axis"/>, where what their sizes add up to has a name of its own: an input's dimension.
    /// </summary>
    public Value ConcatTo(Dim size, int axis, params Value[] parts)
    {
        var attributes = Attributes.None.With("axis", (long)axis);
        var type = ShapeInference.Infer(this, "Concat", "Concat", [.. parts], attributes, outputs: 1)[0];
        return AddShaped("Concat", parts, attributes, type.Shape.With(axis, size)).Output;
    }

    // A node with outputs of the type of its first input, whose shapes have names that no rule knows.
    internal Node AddShaped(Op op, Value?[] operands, Attributes attributes, params Shape[] shapes) =>
        AddShaped(op, operands, attributes, operands[0]!.Type, shapes);

    // The same for outputs of another type.
    internal Node AddShaped(Op op, Value?[] operands, Attributes attributes, DataType type, params Shape[] shapes)
    {
        var name = Unique(scope + op.Type);
        var outputs = shapes.Select((shape, i) => new Value($"{name}.{i}", type, shape));
        var node = new Node(name, op, [.. operands], [.. outputs], attributes) { GradientOf = gradientOf };
        Append(node);
        return node;
    }

    Value? Size(Dim dim)
    {
        if (dim.Value is { } number)
        {
            return Int64s(number);
        }

        if (dim.Symbol is not { } symbol)
        {
            return null;
        }

        if (!sizes.TryGetValue(symbol, out var size) && inputs.Find(input => input.Shape.Contains(dim)) is { } source)
        {
            sizes.Add(symbol, size = SizeAt(source, source.Shape.ToList().IndexOf(dim)));
        }

        return size;
    }

    Value SizeAt(Value x, int axis) => Add("Shape", [x], Attributes.None.With("start", (long)axis).With("end", axis + 1L));
}
