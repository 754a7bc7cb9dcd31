namespace OrtDpo.Objectives.Losses;

/// <summary>APO-zero, Eq. 7 of arXiv:2408.06266: 1 − σ(βr_w) + σ(βr_l); wants the chosen more likely and the rejected less.</summary>
static class ApoZeroLoss
{
    public static readonly LossDefinition Definition = new()
    {
        Name = "apo_zero",
        Description = "APO-zero: 1 - sigmoid(beta r_w) + sigmoid(beta r_l); for chosen texts that are better than the model's own.",
        Uses = Modifiers.Beta | Modifiers.LdAlpha,
        OfPairs = t => t.B.Add(
            t.Probability(t.B.Neg(t.B.Mul(t.Beta, t.ChosenLogRatio))), t.Probability(t.B.Mul(t.Beta, t.RejectedLogRatio))),
        BaseLoss = _ => 1,
    };
}
