using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Fragments;

/// <summary>
/// <see cref="CompositeOps.Attention"/> over a cache as ONNX Runtime's <c>GroupQueryAttention</c>. It has no mask: row b reads its first
/// <see cref="Lengths"/>[b] + 1 keys, causally, and puts new ones right behind those that it had.
/// </summary>
/// <param name="Lengths">Tokens of each row, those that are run included, less 1: <c>int32 [B]</c>.</param>
/// <param name="Total">The most tokens of a row, <c>int32</c>.</param>
/// <param name="Size">The same as a dimension.</param>
public sealed record GroupQueryNodes(Value Lengths, Value Total, Dim Size)
{
    /// <summary>The size of a head must be a multiple of this.</summary>
    public const int HeadMultiple = 8;

    /// <summary>Rotary positions of the whole head are computed by the operator where its size is a multiple of this.</summary>
    public const int RotaryMultiple = 16;

    /// <summary>
    /// Whether the operator computes rotary positions where it can. It takes their tables in the type of the cache: in 16 bits they are
    /// rounded.
    /// </summary>
    public bool Turns { get; init; } = true;

    static readonly Op Operator = new(Op.Microsoft, "GroupQueryAttention");

    /// <summary>Of rows whose tokens stand before their padding.</summary>
    /// <param name="b">The graph.</param>
    /// <param name="attended"><c>int64 [B, T]</c>, 1 = token.</param>
    public static GroupQueryNodes Of(GraphBuilder b, Value attended) => new(
        b.Cast(b.Sub(b.ReduceSum(attended, keepDims: false, 1), b.Int64(1)), DataType.Int32),
        b.Cast(b.Squeeze(b.SizeOf(attended, 1), 0), DataType.Int32),
        attended.Shape[1]);

    /// <summary>What stands for <paramref name="node"/>, and the cache with its keys and values.</summary>
    /// <param name="b">The graph.</param>
    /// <param name="node">The attention.</param>
    /// <param name="inputs">Its inputs: queries <c>[B, heads, S, D]</c>, keys and values <c>[B, groups, S, D]</c>.</param>
    /// <param name="keys">The cache of keys, <c>[B, groups, P, D]</c>.</param>
    /// <param name="values">The cache of values.</param>
    /// <param name="window">Positions that a query sees, itself included; null: all.</param>
    public (Value Read, Value Keys, Value Values) Spell(
        GraphBuilder b, Node node, IReadOnlyList<Value?> inputs, Value keys, Value values, int? window)
    {
        using var scope = b.Scope(node.Name);
        var (queries, groups) = (inputs[0]!.Shape, inputs[1]!.Shape[1]);
        var turned = Turns ? Turned(b, inputs[0]!, inputs[1]!) : null;
        var (query, key) = turned is { } inside ? (inside.Query.Input(0), inside.Key.Input(0)) : (inputs[0]!, inputs[1]!);
        var attributes = Attributes.None
            .With("num_heads", queries[1].Value!.Value)
            .With("kv_num_heads", groups.Value!.Value)
            .With("scale", node.Attributes.Real("scale", 1))
            .With("softcap", node.Attributes.Real("soft_cap", 0))
            .With("local_window_size", (long?)window ?? -1);
        Value[] operands = [ByToken(query), ByToken(key), ByToken(inputs[2]!), keys, values, Lengths, Total];
        if (turned is { Query: var rope })
        {
            attributes = attributes.With("do_rotary", 1L);
            operands = [.. operands, rope.Input(2), rope.Input(3), rope.Input(1)];
        }

        var cache = keys.Shape.With(2, Size);
        var whole = b.AddShaped(Operator, operands, attributes, operands[0].Shape, cache, cache);
        var byHead = b.Reshape(whole.Output, new Shape(queries[0], queries[2], queries[1], queries[3]));
        return (b.Transpose(byHead, 0, 2, 1, 3), whole.Outputs[1]!, whole.Outputs[2]!);

        Value ByToken(Value x) => b.Reshape(
            b.Transpose(x, 0, 2, 1, 3), new Shape(x.Shape[0], x.Shape[2], x.Shape[1] * x.Shape[3]));
    }

    // The rotary positions that queries and keys have, where the operator computes the same: both by one table, of the whole head.
    static (Node Query, Node Key)? Turned(GraphBuilder b, Value queries, Value keys)
    {
        var (query, key) = (Rope(queries), Rope(keys));
        return query is not null && key is not null && query.Inputs[1..].SequenceEqual(key.Inputs[1..])
            && queries.Shape[3].Value is { } size && size % RotaryMultiple == 0 && query.Input(3).Shape[1].Value * 2 == size
            ? (query, key)
            : null;

        Node? Rope(Value value) => b.Nodes.LastOrDefault(made => made.Op == CompositeOps.Rope && made.Output == value);
    }
}
