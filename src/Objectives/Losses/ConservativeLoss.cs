namespace OrtDpo.Objectives.Losses;

/// <summary>
/// cDPO, E. Mitchell, "A note on DPO with noisy preferences and relationship to IPO" (2023): −(1 − ε) log σ(z) − ε log σ(−z). Least at
/// σ(z) = 1 − ε.
/// </summary>
static class ConservativeLoss
{
    public static readonly LossDefinition Definition = new()
    {
        Name = "cdpo",
        Description = "Conservative DPO: -(1 - e) log sigmoid(z) - e log sigmoid(-z), with e from `LabelSmoothing`.",
        Uses = Modifiers.OfSums | Modifiers.LabelSmoothing,
        NeedsLabelSmoothing = true,
        OfPairs = t => t.Smoothed(t.RewardMargin),
        BaseLoss = _ => StepZero.LnTwo,
    };
}
