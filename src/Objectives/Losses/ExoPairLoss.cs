namespace OrtDpo.Objectives.Losses;

/// <summary>
/// EXO for pairs, Eq. 16 of arXiv:2402.00856: σ(z) [log σ(z) − log(1 − ε)] + σ(−z) [log σ(−z) − log ε], the reverse KL from the smoothed
/// labels.
/// </summary>
static class ExoPairLoss
{
    public static readonly LossDefinition Definition = new()
    {
        Name = "exo_pair",
        Description = "EXO: with q = sigmoid(z), q [log q - log(1-e)] + (1-q) [log(1-q) - log e]; e = `LabelSmoothing`, typically 0.001.",
        Uses = Modifiers.OfSums | Modifiers.LabelSmoothing,
        NeedsLabelSmoothing = true,
        OfPairs = t =>
        {
            var (b, z, epsilon) = (t.B, t.RewardMargin, t.LabelSmoothing!);
            var kept = b.Mul(t.Probability(z), b.Add(t.NegLogSigmoid(z), b.Log(b.Sub(t.Number(1), epsilon))));
            var flipped = b.Mul(t.Probability(b.Neg(z)), b.Add(b.Softplus(z), b.Log(epsilon)));
            return b.Neg(b.Add(kept, flipped));
        },
        BaseLoss = s => -StepZero.LnTwo - ((Math.Log(1 - s.LabelSmoothing) + Math.Log(s.LabelSmoothing)) / 2),
    };
}
