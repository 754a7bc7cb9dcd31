namespace OrtDpo.Objectives.Losses;

/// <summary>
/// APO-zero for single completions, after Eq. 7 of arXiv:2408.06266: λ_D [1 − σ(βr)] for desirable rows, λ_U σ(βr) for the others.
/// </summary>
static class ApoZeroUnpairedLoss
{
    public static readonly LossDefinition Definition = new()
    {
        Name = "apo_zero_unpaired",
        Description = "APO-zero for labelled completions: weight (1 - sigmoid(beta r)) where desirable, weight sigmoid(beta r) where not.",
        Uses = Modifiers.Beta | Modifiers.RowWeights,
        Rows = ObjectiveRows.Unpaired,
        OfUnpaired = t => t.B.Mul(t.Weight, t.Probability(t.B.Neg(t.B.Mul(t.Sign, t.B.Mul(t.Beta, t.LogRatio))))),
        BaseLoss = s => s.DesirableWeight == s.UndesirableWeight ? s.DesirableWeight / 2 : null,
    };
}
