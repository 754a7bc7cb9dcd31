using OrtDpo.Autodiff.Building;

namespace OrtDpo.Models.Families;

/// <summary>Causal self-attention with grouped key and value heads (arXiv:2305.13245).</summary>
static class GroupedQueryAttention
{
    /// <summary>Rotary positions: <c>position_ids</c> [B, S] and the tables [positions, D / 2].</summary>
    public readonly record struct Rotary(Value Positions, Value Cos, Value Sin);

    /// <summary>Heads of queries, of keys and values, and the size of one.</summary>
    public readonly record struct Heads(int Query, int KeyValue, int Size);

    /// <summary>
    /// What the heads read, <c>[B, S, H]</c>, from the projections to queries, keys and values <c>[B, S, heads · D]</c>; with a soft cap c,
    /// a score s is c · tanh(s / c).
    /// </summary>
    public static Value Build(
        GraphBuilder b, Value queries, Value keys, Value values, Value mask, Heads heads, double scale, Rotary? rotary = null,
        double? softCap = null)
    {
        var (batch, width) = (queries.Shape[0], queries.Shape[1]);
        var q = Positioned(ByHead(queries, heads.Query));
        var k = Positioned(ByHead(keys, heads.KeyValue));
        var v = ByHead(values, heads.KeyValue);

        var read = b.Attention(q, k, v, mask, scale, softCap);
        return b.Reshape(b.Transpose(read, 0, 2, 1, 3), new Shape(batch, width, heads.Query * heads.Size));

        Value Positioned(Value y) => rotary is { } r ? b.Rope(y, r.Positions, r.Cos, r.Sin) : y;

        Value ByHead(Value y, int count) => b.Transpose(b.Reshape(y, new Shape(batch, width, count, heads.Size)), 0, 2, 1, 3);
    }
}
