using OrtDpo.Autodiff.Building;

namespace OrtDpo.Objectives.Losses;

/// <summary>
/// Supervised: the negative log-likelihood of the chosen completions as a mean over <em>tokens</em> of the optimizer step. A row's term is
/// −ℓ · token_scale / loss_scale, so that the sum over rows, times loss_scale, is that mean.
/// </summary>
static class SftLoss
{
    public static readonly LossDefinition Definition = new()
    {
        Name = "sft",
        Description = "NLL of the chosen completions, a mean over the tokens of the optimizer step (TRL: of the micro-batch).",
        Uses = Modifiers.None,
        Rows = ObjectiveRows.Supervised,
        NeedsReference = false,
        OfPairs = t => Terms(t, t.PolicyChosenLogps),
        OfSupervised = t => Terms(t, t.Logps),
    };

    static Value Terms(LossTerms t, Value logps) => t.B.Neg(t.B.Mul(logps, t.B.Div(t.TokenScale, t.LossScale)));
}
