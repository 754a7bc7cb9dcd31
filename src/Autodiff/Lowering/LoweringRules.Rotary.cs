using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Lowering;

static partial class LoweringRules
{
    // Pairs (x₁, x₂) are halves of X, or of its first features: Y = (x₁ cos − x₂ sin, x₂ cos + x₁ sin), the angles those of each position.
    static Value[] Rope(LoweringContext c) => [Rotated(c, c.I(0), Halves)];

    // com.microsoft.RotaryEmbedding: pairs (x₁, x₂) turn by the angle of their position. Pairs are halves of a head or, interleaved,
    // neighbours; where the tables are narrower than half a head, the rest of it stays.
    static Value[] OnnxRope(LoweringContext c)
    {
        if (c.Attributes.Real("scale", 1) != 1 || c.Attributes.Int("is_packed_batching", 0) != 0)
        {
            throw new NotSupportedException("RotaryEmbedding with a scale or with packed batching has no primitive lowering.");
        }

        return [c.B.ReshapeLike(Rotated(c, WithHeads(c), c.Attributes.Int("interleaved", 0) != 0 ? Neighbours : Halves), c.I(0))];
    }

    // As many of the first features as the tables are for; the rest stays.
    static Value Rotated(LoweringContext c, Value x, Func<LoweringContext, Value, Value> turn)
    {
        var rotated = c.I(2).Shape[1] * 2;
        if (rotated == x.Shape[-1])
        {
            return turn(c, x);
        }

        var parts = c.B.Split(x, -1, [rotated.Value!.Value, x.Shape[-1].Value!.Value - rotated.Value!.Value]);
        return c.B.Concat(-1, turn(c, parts[0]), parts[1]);
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
