namespace OrtDpo.Objectives.Losses;

/// <summary>SimPO, Eq. 6 of arXiv:2405.14734: −log σ(β (ℓ̄_w − ℓ̄_l) − γ), smoothed as cDPO where asked. No reference.</summary>
static class SimpoLoss
{
    public static readonly LossDefinition Definition = new()
    {
        Name = "simpo",
        Description = "SimPO, no reference: -log sigmoid(beta (mean l_w - mean l_l) - gamma); with TRL's NLL: simpo,sft.",
        Uses = Modifiers.Beta | Modifiers.Gamma | Modifiers.LabelSmoothing,
        NeedsReference = false,
        UsesMeans = true,
        DefaultBeta = 2,
        OfPairs = t => t.Smoothed(t.B.Sub(t.B.Mul(t.Beta, t.B.Sub(t.ChosenMeanLogps, t.RejectedMeanLogps)), t.Scalar("gamma"))),
    };
}
