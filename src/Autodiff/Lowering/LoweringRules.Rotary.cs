using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Lowering;

static partial class LoweringRules
{
    // com.microsoft.RotaryEmbedding: pairs (x₁, x₂) turn by the angle of their position. Pairs are halves of a head or, interleaved,
    // neighbours; where the tables are narrower than half a head, the rest of it stays.
    static Value[] OnnxRope(LoweringContext c)
    {
        if (c.Attributes.Real("scale", 1) != 1 || c.Attributes.Int("is_packed_batching", 0) != 0)
        {
            throw new NotSupportedException("RotaryEmbedding with a scale or with packed batching has no primitive lowering.");
        }

        var (b, x) = (c.B, WithHeads(c));
        var rotated = (int)(2 * c.I(2).Shape[1].Value!.Value);
        var rest = x.Shape[-1].Value!.Value - rotated;
        var parts = rest == 0 ? [x] : b.Split(x, -1, [rotated, rest]);
        parts[0] = c.Attributes.Int("interleaved", 0) != 0 ? Neighbours(c, parts[0]) : Halves(c, parts[0]);
        return [b.ReshapeLike(parts.Length == 1 ? parts[0] : b.Concat(-1, parts), c.I(0))];
    }

    static Value Halves(LoweringContext c, Value x)
    {
        var halves = c.B.Split(x, -1, 2);
        var (first, second) = Turned(c, halves[0], halves[1]);
        return c.B.Concat(-1, first, second);
    }

    static Value Neighbours(LoweringContext c, Value x)
    {
        var b = c.B;
        var pairs = b.Split(b.Reshape(x, new Shape([.. x.Shape.Take(3), x.Shape[-1].DividedBy(2)!.Value, 2])), -1, 2);
        var (first, second) = Turned(c, b.Squeeze(pairs[0], -1), b.Squeeze(pairs[1], -1));
        return b.ReshapeLike(b.Concat(-1, b.Unsqueeze(first, -1), b.Unsqueeze(second, -1)), x);
    }

    // (x₁ cos − x₂ sin, x₂ cos + x₁ sin).
    static (Value First, Value Second) Turned(LoweringContext c, Value first, Value second)
    {
        var (b, heads) = (c.B, c.I(0).Shape.Rank == 3 ? 2 : 1);
        var positions = Positions(c);
        var cos = b.Unsqueeze(b.Gather(c.I(2), positions), heads);
        var sin = b.Unsqueeze(b.Gather(c.I(3), positions), heads);
        return (b.Sub(b.Mul(first, cos), b.Mul(second, sin)), b.Add(b.Mul(second, cos), b.Mul(first, sin)));
    }

    // [B, S], or [1, S] where only the first position is given.
    static Value Positions(LoweringContext c) => c.I(1).Shape.Rank == 2
        ? c.I(1)
        : c.B.Unsqueeze(c.B.Add(c.I(1), c.B.Indices(c.I(0), c.I(0).Shape.Rank - 2)), 0);

    // [B, S, heads · D] as [B, S, heads, D]; [B, heads, S, D] stays.
    static Value WithHeads(LoweringContext c)
    {
        var x = c.I(0);
        if (x.Shape.Rank == 4)
        {
            return x;
        }

        var heads = c.Attributes.Int("num_heads", 0);
        var width = heads > 0 ? x.Shape[-1].DividedBy(heads)!.Value : c.I(2).Shape[1] * 2;
        return c.B.Reshape(x, new Shape(x.Shape[0], x.Shape[1], x.Shape[-1].DividedBy(width)!.Value, width));
    }
}
