using OrtDpo.Autodiff.Building;
using OrtDpo.Batches;

namespace OrtDpo.Models.Families;

/// <summary>
/// Additive attention masks <c>[B, 1, S, S]</c>: 0 where a query may see a key, −1e30 elsewhere. Not −∞, so that a row that sees nothing
/// (padding) gives uniform weights rather than NaN.
/// </summary>
public static class AttentionMask
{
    const double Hidden = -1e30;

    /// <summary>Tokens of a row: <c>int64 [N]</c> each.</summary>
    /// <param name="Segments">Those of <see cref="PackedBatch.SegmentIds"/>.</param>
    /// <param name="Places">Places in the row.</param>
    /// <param name="Positions">Positions in the sequence.</param>
    public readonly record struct Tokens(Value Segments, Value Places, Value Positions);

    /// <summary>
    /// For packed rows: a query sees a key of its own example, at or before it, that belongs to the prompt or to its own completion.
    /// Segments are those of <see cref="PackedBatch.SegmentIds"/>.
    /// </summary>
    /// <param name="b">The graph.</param>
    /// <param name="segments"><c>int64 [B, S]</c>.</param>
    /// <param name="type">Element type.</param>
    /// <param name="near">Further limits what a query sees, <c>bool [B, 1, S, S]</c>.</param>
    public static Value Packed(GraphBuilder b, Value segments, DataType type, Value? near = null)
    {
        using var scope = b.Scope("mask");
        var query = b.Unsqueeze(segments, 1, 3);
        var key = b.Unsqueeze(segments, 1, 2);
        var stride = b.Int64(PackedBatch.SegmentStride);
        // Integer division truncates, −1 / stride = 0: padding keys are masked explicitly.
        var sameExample = b.Add("Equal", [b.Div(query, stride), b.Div(key, stride)]);
        var keyIsPrompt = b.Add("Equal", [key, b.Mul(b.Div(key, stride), stride)]);
        var keyIsReadable = b.Add("Or", [keyIsPrompt, b.Add("Equal", [query, key])]);
        var keyIsToken = b.Add("GreaterOrEqual", [key, b.Int64(0)]);
        var seen = And(b, And(b, sameExample, keyIsReadable), And(b, keyIsToken, Causal(b, segments)));
        return Additive(b, seen, near, type);
    }

    /// <summary>For stacked rows: a query sees the tokens at or before it.</summary>
    /// <param name="b">The graph.</param>
    /// <param name="attended"><c>int64 [B, S]</c>, 1 = token.</param>
    /// <param name="type">Element type.</param>
    /// <param name="near">Further limits what a query sees, <c>bool [B, 1, S, S]</c>.</param>
    public static Value Stacked(GraphBuilder b, Value attended, DataType type, Value? near = null)
    {
        using var scope = b.Scope("mask");
        var keyIsToken = b.Add("Greater", [b.Unsqueeze(attended, 1, 2), b.Int64(0)]);
        return Additive(b, And(b, keyIsToken, Causal(b, attended)), near, type);
    }

    /// <summary>
    /// Keys fewer than <paramref name="window"/> positions before the query: <c>bool [B, 1, S, S]</c> of <c>int64 [B, S]</c>.
    /// </summary>
    public static Value Near(GraphBuilder b, Value positions, int window) =>
        b.Add("Less", [b.Sub(b.Unsqueeze(positions, 1, 3), b.Unsqueeze(positions, 1, 2)), b.Int64(window)]);

    /// <summary>
    /// For the last S of T stacked tokens, of which the others are in a cache: <c>[B, 1, S, T]</c>. A query sees the tokens at or before
    /// it. Distances are counted in tokens of the row, so that padding on either side, and between a prompt and what follows it, counts
    /// for nothing.
    /// </summary>
    /// <param name="b">The graph.</param>
    /// <param name="attended"><c>int64 [B, T]</c>, 1 = token.</param>
    /// <param name="tokens"><c>[B, S]</c>, of which the size is read.</param>
    /// <param name="type">Element type.</param>
    /// <param name="window">Tokens that a query sees, itself included; null: all.</param>
    public static Value Cached(GraphBuilder b, Value attended, Value tokens, DataType type, int? window)
    {
        using var scope = b.Scope("mask");
        var place = b.Add(b.Indices(tokens, axis: 1), b.Sub(b.SizeOf(attended, 1), b.SizeOf(tokens, 1)));
        var causal = b.Add("LessOrEqual", [b.Unsqueeze(b.Indices(attended, axis: 1), 0), b.Unsqueeze(place, 1)]);
        var seen = And(b, b.Add("Greater", [b.Unsqueeze(attended, 1, 2), b.Int64(0)]), causal);
        if (window is not { } size)
        {
            return Additive(b, seen, near: null, type);
        }

        var count = b.Add("CumSum", [attended, b.Int64(1)]);
        var distance = b.Sub(b.Unsqueeze(b.Gather(count, place, axis: 1), 1, 3), b.Unsqueeze(count, 1, 2));
        return Additive(b, seen, b.Add("Less", [distance, b.Int64(size)]), type);
    }

    /// <summary>
    /// For some queries and some keys of one packed row: <c>[C, K]</c>, by the rule of <see cref="Packed"/>. What a query of padding sees
    /// does not matter.
    /// </summary>
    /// <param name="b">The graph.</param>
    /// <param name="query">The queries.</param>
    /// <param name="key">The keys.</param>
    /// <param name="type">Element type.</param>
    /// <param name="window">Positions that a query sees, itself included; null: all.</param>
    public static Value Of(GraphBuilder b, Tokens query, Tokens key, DataType type, int? window)
    {
        using var scope = b.Scope("mask");
        var stride = b.Int64(PackedBatch.SegmentStride);
        var own = b.Add("Equal", [Column(query.Segments), key.Segments]);
        var prompt = b.Add("Equal", [Column(b.Mul(b.Div(query.Segments, stride), stride)), key.Segments]);
        var seen = And(b, b.Add("Or", [own, prompt]), b.Add("GreaterOrEqual", [Column(query.Places), key.Places]));
        var near = window is { } size
            ? b.Add("Less", [b.Sub(Column(query.Positions), key.Positions), b.Int64(size)])
            : null;
        return Additive(b, seen, near, type);

        Value Column(Value x) => b.Unsqueeze(x, 1);
    }

    static Value Additive(GraphBuilder b, Value seen, Value? near, DataType type) =>
        b.Where(near is null ? seen : And(b, seen, near), b.Scalar(0, type), b.Scalar(Hidden, type));

    static Value Causal(GraphBuilder b, Value rows)
    {
        var index = b.Indices(rows, axis: 1);
        return b.Add("LessOrEqual", [b.Unsqueeze(index, 0), b.Unsqueeze(index, 1)]);
    }

    static Value And(GraphBuilder b, Value x, Value y) => b.Add("And", [x, y]);
}
