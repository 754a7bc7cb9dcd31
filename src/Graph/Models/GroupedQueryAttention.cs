using OrtDpo.Graph.Building;

namespace OrtDpo.Graph.Models;

/// <summary>Causal self-attention with grouped key and value heads (arXiv:2305.13245).</summary>
static class GroupedQueryAttention
{
    /// <summary>Rotary positions: <c>position_ids</c> [B, S] and the tables [positions, D / 2].</summary>
    public readonly record struct Rotary(Value Positions, Value Cos, Value Sin);

    /// <summary>Heads of queries, of keys and values, and the size of one.</summary>
    public readonly record struct Heads(int Query, int KeyValue, int Size);

    public static Value Build(GraphBuilder b, Value x, Value mask, Rotary rotary, Heads heads, Value wq, Value wk, Value wv, Value wo)
    {
        var (batch, width) = (x.Shape[0], x.Shape[1]);
        var q = b.Rope(ByHead(b.Linear(x, wq), heads.Query), rotary.Positions, rotary.Cos, rotary.Sin);
        var k = b.Rope(ByHead(b.Linear(x, wk), heads.KeyValue), rotary.Positions, rotary.Cos, rotary.Sin);
        var v = ByHead(b.Linear(x, wv), heads.KeyValue);

        // The group is folded into the rows, so keys and values are never copied per query head, and their gradients sum inside the product.
        var group = heads.Query / heads.KeyValue;
        var folded = new Shape(batch, heads.KeyValue, width * group, heads.Size);
        var scores = b.FusedMatMul(b.Reshape(q, folded), k, transB: true, alpha: 1 / Math.Sqrt(heads.Size));
        var masked = b.Add(b.Reshape(scores, new Shape(batch, heads.Query, width, width)), mask);
        var weights = b.Reshape(b.Softmax(masked), new Shape(batch, heads.KeyValue, width * group, width));
        var read = b.Reshape(b.MatMul(weights, v), new Shape(batch, heads.Query, width, heads.Size));
        return b.Linear(b.Reshape(b.Transpose(read, 0, 2, 1, 3), new Shape(batch, width, heads.Query * heads.Size)), wo);

        Value ByHead(Value y, int count) => b.Transpose(b.Reshape(y, new Shape(batch, width, count, heads.Size)), 0, 2, 1, 3);
    }
}
