namespace OrtDpo.Objectives.Losses;

/// <summary>
/// APO-down, Eq. 8 of arXiv:2408.06266: σ(βr_w) + 1 − σ(z); wants both less likely, the rejected more so. Its first term has the raw r.
/// </summary>
static class ApoDownLoss
{
    public static readonly LossDefinition Definition = new()
    {
        Name = "apo_down",
        Description = "APO-down: sigmoid(beta r_w) + 1 - sigmoid(z); for chosen texts that are worse than the model's own.",
        Uses = Modifiers.OfSums,
        OfPairs = t => t.B.Add(t.Probability(t.B.Mul(t.Beta, t.ChosenLogRatio)), t.Probability(t.B.Neg(t.RewardMargin))),
        BaseLoss = _ => 1,
    };
}
