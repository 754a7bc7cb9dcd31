using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Lowering;

static partial class LoweringRules
{
    // ScatterElements adds in the order of its indices, on one thread. ScatterND adds on all of them without a lock and loses numbers.
    static Value[] ScatterElementsAdd(LoweringContext c)
    {
        var (b, rows) = (c.B, c.I(2));
        var indices = b.Unsqueeze(c.I(1), [.. Enumerable.Range(1, rows.Shape.Rank - 1).Select(axis => (long)axis)]);
        var attributes = Attributes.None.With("axis", 0L).With("reduction", "add");
        return [b.Add("ScatterElements", [c.I(0), b.ExpandLike(indices, rows), rows], attributes)];
    }
}
