namespace OrtDpo.Objectives.Losses;

/// <summary>
/// The hinge of SLiC (arXiv:2305.10425) on DPO's margin, as in RSO (arXiv:2309.06657): max(0, 1 − z). No gradient at the kink.
/// </summary>
static class HingeLoss
{
    public static readonly LossDefinition Definition = new()
    {
        Name = "hinge",
        Description = "SLiC, RSO: max(0, 1 - z).",
        Uses = Modifiers.OfSums,
        OfPairs = t =>
        {
            var (b, one) = (t.B, t.Number(1));
            return b.Where(b.Add("Less", [t.RewardMargin, one]), b.Sub(one, t.RewardMargin), t.Number(0));
        },
        BaseLoss = _ => 1,
    };
}
