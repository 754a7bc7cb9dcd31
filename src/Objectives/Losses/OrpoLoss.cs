using OrtDpo.Autodiff.Building;

namespace OrtDpo.Objectives.Losses;

/// <summary>
/// ORPO, Eqs. 4, 6 and 7 of arXiv:2403.07691: −ℓ̄_w − β log σ(log odds(p̄_w) − log odds(p̄_l)) with log odds(p̄) = ℓ̄ − log(1 − e^ℓ̄). No
/// reference.
/// </summary>
static class OrpoLoss
{
    public static readonly LossDefinition Definition = new()
    {
        Name = "orpo",
        Description = "ORPO, no reference: -mean l_w - beta log sigmoid(log odds_w - log odds_l); as LLaMA-Factory (TRL: prompt too).",
        Uses = Modifiers.Beta,
        NeedsReference = false,
        UsesMeans = true,
        OfPairs = t =>
        {
            var (b, margin) = (t.B, t.B.Sub(LogOdds(t, t.ChosenMeanLogps), LogOdds(t, t.RejectedMeanLogps)));
            return b.Sub(b.Mul(t.Beta, t.NegLogSigmoid(margin)), t.ChosenMeanLogps);
        },
    };

    // A probability is taken to be at most 1 − 2⁻²⁴, float32's last before 1: the odds of certainty, and of an empty completion, are
    // not finite.
    static Value LogOdds(PairTerms t, Value meanLogps)
    {
        var limit = t.Number(-Math.ScaleB(1, -24));
        var bounded = t.B.Where(t.B.Add("LessOrEqual", [meanLogps, limit]), meanLogps, limit);
        return t.B.Sub(bounded, t.B.Log1mExp(bounded));
    }
}
