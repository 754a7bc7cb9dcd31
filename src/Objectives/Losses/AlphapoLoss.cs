namespace OrtDpo.Objectives.Losses;

/// <summary>
/// AlphaPO, arXiv:2501.03884: SimPO with log p̄ replaced by (1 − p̄^−α) / α, p̄ = e^ℓ̄. The 1 cancels in the difference; the exponent
/// is bounded by 80.
/// </summary>
static class AlphapoLoss
{
    public static readonly LossDefinition Definition = new()
    {
        Name = "alphapo",
        Description = "AlphaPO, no reference: simpo with (1 - p^-a) / a in place of mean log p, p = exp(mean l); a from `AlphapoAlpha`.",
        Uses = Modifiers.Beta | Modifiers.Gamma | Modifiers.AlphapoAlpha | Modifiers.LabelSmoothing,
        NeedsReference = false,
        UsesMeans = true,
        DefaultBeta = 2,
        OfPairs = t =>
        {
            var (b, alpha) = (t.B, t.Scalar("alphapo_alpha"));
            var chosen = t.BoundedExp(b.Neg(b.Mul(alpha, t.ChosenMeanLogps)));
            var rejected = t.BoundedExp(b.Neg(b.Mul(alpha, t.RejectedMeanLogps)));
            return t.Smoothed(b.Sub(b.Mul(t.Beta, b.Div(b.Sub(rejected, chosen), alpha)), t.Scalar("gamma")));
        },
    };
}
