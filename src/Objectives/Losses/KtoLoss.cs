namespace OrtDpo.Objectives.Losses;

/// <summary>
/// KTO, Eqs. 7 and 8 of arXiv:2402.01306: λ_D [1 − σ(β(r − kl))] for desirable rows, λ_U [1 − σ(β(kl − r))] for the others. kl is max(0,
/// the mean log-ratio of mismatched prompts and completions), a given number without gradient.
/// </summary>
static class KtoLoss
{
    public static readonly LossDefinition Definition = new()
    {
        Name = "kto",
        Description = "KTO, for labelled completions: weight (1 - sigmoid(+-beta (r - kl))), kl from the step's mismatched completions.",
        Uses = Modifiers.Beta | Modifiers.RowWeights,
        Rows = ObjectiveRows.Unpaired,
        NeedsKl = true,
        OfUnpaired = t =>
        {
            var (b, reward) = (t.B, t.B.Mul(t.Beta, t.B.Sub(t.LogRatio, t.Kl)));
            return b.Mul(t.Weight, t.Probability(b.Neg(b.Mul(t.Sign, reward))));
        },
        BaseLoss = s => s.DesirableWeight == s.UndesirableWeight ? s.DesirableWeight / 2 : null,
    };
}
