namespace OrtDpo.Objectives.Losses;

/// <summary>
/// AOT for unpaired completions, arXiv:2406.05882: with δ = sorted r_w − sorted r_l, −log σ(βδ), or smoothed as cDPO; sorted as in
/// <see cref="AotLoss"/>.
/// </summary>
static class AotUnpairedLoss
{
    public static readonly LossDefinition Definition = new()
    {
        Name = "aot_unpaired",
        Description = "AOT: -log sigmoid(beta (sorted r_w - sorted r_l)), over the optimizer step (TRL: micro-batch).",
        Uses = Modifiers.Beta | Modifiers.LdAlpha | Modifiers.LabelSmoothing,
        Scope = ObjectiveScope.Step,
        OfPairs = t => t.Smoothed(t.B.Mul(t.Beta, t.B.Sub(t.B.Sort(t.ChosenLogRatio), t.B.Sort(t.RejectedLogRatio)))),
        BaseLoss = _ => StepZero.LnTwo,
    };
}
