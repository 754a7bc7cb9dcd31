using OrtDpo.Autodiff.Building;

namespace OrtDpo.Models.Import;

/// <summary>
/// Writes known sizes back into a graph, each symbol read from an input: foreign graphs read them from activations, which would then be
/// kept for nothing but their shape.
/// </summary>
/// <param name="path">The file that is read.</param>
/// <param name="sources">From symbol to the input and the axis that has its size.</param>
sealed class SizeSources(string path, IReadOnlyDictionary<string, (Value Input, int Axis)> sources)
{
    readonly Dictionary<string, Value> written = new(StringComparer.Ordinal);

    /// <summary>An int64 or int32 scalar or vector of sizes.</summary>
    public Value Write(GraphBuilder b, Known sizes)
    {
        var vector = Vector(b, sizes.Dims!);
        return b.Cast(sizes.Shape.Length == 0 ? b.Squeeze(vector, 0) : vector, sizes.Type);
    }

    /// <summary>The sizes as an int64 vector.</summary>
    public Value Vector(GraphBuilder b, IReadOnlyList<Dim> sizes)
    {
        var key = string.Join(',', sizes);
        if (!written.TryGetValue(key, out var vector))
        {
            var parts = sizes.Select(size => Single(b, size)).ToArray();
            written.Add(key, vector = parts.Length == 1 ? parts[0] : b.Concat(0, parts));
        }

        return vector;
    }

    Value Single(GraphBuilder b, Dim size)
    {
        if (size.Value is { } number)
        {
            return b.Int64s(number);
        }

        Value? product = null;
        foreach (var symbol in size.Factors)
        {
            var (input, axis) = sources.TryGetValue(symbol, out var source) ? source : throw new NotSupportedException(
                $"{path}: a shape is made of the size {symbol}, which is no input's; supported are products of the batch, the sequence "
                + "and numbers.");
            var part = b.Add("Shape", [input], Attributes.None.With("start", (long)axis).With("end", axis + 1L));
            product = product is null ? part : b.Mul(product, part);
        }

        return size.Coefficient == 1 ? product! : b.Mul(product!, b.Int64s(size.Coefficient));
    }
}
