namespace OrtDpo.Objectives.Losses;

/// <summary>
/// Robust DPO, arXiv:2403.00409: [−(1 − ε) log σ(z) + ε log σ(−z)] / (1 − 2ε), unbiased where labels are flipped with probability ε.
/// </summary>
static class RobustLoss
{
    public static readonly LossDefinition Definition = new()
    {
        Name = "robust",
        Description = "Robust DPO: [-(1 - e) log sigmoid(z) + e log sigmoid(-z)] / (1 - 2e), e = `LabelSmoothing`; unbounded below.",
        Uses = Modifiers.OfSums | Modifiers.LabelSmoothing,
        NeedsLabelSmoothing = true,
        OfPairs = t =>
        {
            var (b, z, epsilon) = (t.B, t.RewardMargin, t.LabelSmoothing!);
            var kept = b.Mul(b.Sub(t.Number(1), epsilon), t.NegLogSigmoid(z));
            var flipped = b.Mul(epsilon, b.Softplus(z));
            return b.Div(b.Sub(kept, flipped), b.Sub(t.Number(1), b.Mul(t.Number(2), epsilon)));
        },
        BaseLoss = _ => StepZero.LnTwo,
    };
}
