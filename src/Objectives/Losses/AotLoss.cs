namespace OrtDpo.Objectives.Losses;

/// <summary>
/// AOT for pairs, arXiv:2406.05882: with δ = sorted (ℓ_w − ℓ_l of the policy) − sorted (the same of the reference), −log σ(βδ), or smoothed
/// as cDPO. The sort runs over the optimizer step, so that its micro-batches do not matter, and is stable.
/// </summary>
static class AotLoss
{
    public static readonly LossDefinition Definition = new()
    {
        Name = "aot",
        Description = "AOT: -log sigmoid(beta (sorted l_w - l_l of policy - of reference)), over the optimizer step (TRL: micro-batch).",
        Uses = Modifiers.Beta | Modifiers.LdAlpha | Modifiers.LabelSmoothing,
        Scope = ObjectiveScope.Step,
        OfPairs = t =>
        {
            var policy = t.B.Sort(t.B.Sub(t.PolicyChosenLogps, t.PolicyRejectedLogps));
            var reference = t.B.Sort(t.B.Sub(t.RefChosenLogps, t.RefRejectedLogps));
            return t.Smoothed(t.B.Mul(t.Beta, t.B.Sub(policy, reference)));
        },
        BaseLoss = _ => StepZero.LnTwo,
    };
}
