namespace OrtDpo.Objectives.Losses;

/// <summary>The binary classifier of BCO, arXiv:2404.04656, without its running reward shift: −log σ(βs_w) − log σ(−βs_l).</summary>
static class BcoPairLoss
{
    public static readonly LossDefinition Definition = new()
    {
        Name = "bco_pair",
        Description = "BCO: -log sigmoid(beta s_w) - log sigmoid(-beta s_l), no running shift (as TRL since 0.29; LLaMA-Factory has it).",
        Uses = Modifiers.OfSums,
        OfPairs = t => t.B.Add(t.NegLogSigmoid(t.B.Mul(t.Beta, t.ChosenScore)), t.B.Softplus(t.B.Mul(t.Beta, t.RejectedScore))),
        BaseLoss = s => StepZero.NegLogSigmoid(s.Reward) + StepZero.NegLogSigmoid(-s.Reward),
    };
}
