namespace OrtDpo.Objectives.Losses;

/// <summary>The preference term of CPO, arXiv:2401.08417: −log σ(β (ℓ_w − ℓ_l)), smoothed as cDPO where asked. No reference.</summary>
static class CpoLoss
{
    public static readonly LossDefinition Definition = new()
    {
        Name = "cpo",
        Description = "CPO's preference term, no reference: -log sigmoid(beta (l_w - l_l)); with the paper's and TRL's NLL: cpo,sft.",
        Uses = Modifiers.Beta | Modifiers.LabelSmoothing | Modifiers.LdAlpha,
        NeedsReference = false,
        OfPairs = t => t.Smoothed(t.B.Mul(t.Beta, t.B.Sub(t.PolicyChosenLogps, t.PolicyRejectedLogps))),
    };
}
