namespace OrtDpo.Objectives.Losses;

/// <summary>
/// DiscoPOP, Eq. 5 of arXiv:2406.08414: with m = σ(z / τ), −(1 − m) log σ(z) + m e^−z. At z = 0 and τ = 0.05 it first lowers the
/// margin: so the formula has it.
/// </summary>
static class DiscopopLoss
{
    public static readonly LossDefinition Definition = new()
    {
        Name = "discopop",
        Description = "DiscoPOP: with m = sigmoid(z / tau), -(1 - m) log sigmoid(z) + m exp(-z); tau from `DiscopopTau`.",
        Uses = Modifiers.OfSums | Modifiers.DiscopopTau,
        OfPairs = t =>
        {
            var (b, z) = (t.B, t.RewardMargin);
            var sharp = b.Div(z, t.Scalar("discopop_tau"));
            var logistic = b.Mul(t.Probability(b.Neg(sharp)), t.NegLogSigmoid(z));
            // One exponent: m is 0 where e^−z overflows.
            var exponential = b.Exp(b.Neg(b.Add(z, t.NegLogSigmoid(sharp))));
            return b.Add(logistic, exponential);
        },
        BaseLoss = _ => (StepZero.LnTwo + 1) / 2,
    };
}
