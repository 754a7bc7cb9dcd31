namespace OrtDpo.Autodiff.Building;

/// <summary>What is known, while a graph is written, of the numbers in small int64 values: graphs compute shapes with them.</summary>
static class ShapeValues
{
    /// <summary>The contents of an int64 scalar or vector as dimensions; null where they are not known.</summary>
    public static Dim[]? Of(GraphBuilder graph, Value value) =>
        graph.Constants.TryGetValue(value, out var constant) ? (constant.Data as long[])?.Select(number => (Dim)number).ToArray()
        : graph.Producer(value) is { } node ? Made(graph, node)
        : null;

    static Dim[]? Made(GraphBuilder graph, Node node) => node.Op.Domain.Length > 0 ? null : node.Op.Type switch
    {
        "Shape" => [.. Sizes(node)],
        "Squeeze" or "Unsqueeze" or "Reshape" or "Identity" => Of(graph, node.Input(0)),
        "Concat" => All([.. node.Inputs.Select(v => Of(graph, v!))]),
        "Mul" => Of(graph, node.Input(0)) is { Length: 1 } a && Of(graph, node.Input(1)) is { Length: 1 } b ? [a[0] * b[0]] : null,
        _ => null,
    };

    static Dim[]? All(Dim[]?[] parts) => Array.TrueForAll(parts, p => p is not null) ? [.. parts.SelectMany(p => p!)] : null;

    // Shape(x), or the part of it from start to end.
    static IEnumerable<Dim> Sizes(Node node)
    {
        var shape = node.Input(0).Shape;
        var (start, end) = Part(shape.Rank, node.Attributes);
        return shape.Skip(start).Take(end - start);
    }

    /// <summary>The axes [start, end) that a Shape node with these attributes reads.</summary>
    public static (int Start, int End) Part(int rank, Attributes attributes)
    {
        var start = Clamp(attributes.Int("start", 0));
        return (start, Math.Max(start, Clamp(attributes.Int("end", rank))));

        int Clamp(long at) => (int)Math.Clamp(at < 0 ? at + rank : at, 0, rank);
    }
}
