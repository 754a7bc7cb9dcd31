namespace OrtDpo.Objectives.Losses;

/// <summary>DPO, Eq. 7 of arXiv:2305.18290: −log σ(z). With label smoothing cDPO (<see cref="ConservativeLoss"/>).</summary>
static class SigmoidLoss
{
    public static readonly LossDefinition Definition = new()
    {
        Name = "sigmoid",
        Description = "DPO: -log sigmoid(z). With `LabelSmoothing` it is cdpo, as everywhere but in TRL since 0.29, which ignores it.",
        Uses = Modifiers.OfSums | Modifiers.LabelSmoothing,
        OfPairs = t => t.Smoothed(t.RewardMargin),
        BaseLoss = _ => StepZero.LnTwo,
    };
}
