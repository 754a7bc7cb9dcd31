namespace OrtDpo.Graph.Objectives.Losses;

/// <summary>The binary classifier of BCO, arXiv:2404.04656, without its running reward shift: −log σ(βs_w) − log σ(−βs_l).</summary>
static class BcoPairLoss
{
    public static readonly LossDefinition Definition = new()
    {
        Name = "bco_pair",
        Description = "BCO: -log sigmoid(beta s_w) - log sigmoid(-beta s_l), without a running shift (as TRL from 0.29 on; LLaMA-Factory keeps it).",
        Uses = Modifiers.OfSums,
        OfPairs = t => t.B.Add(t.NegLogSigmoid(t.B.Mul(t.Beta, t.ChosenScore)), t.B.Softplus(t.B.Mul(t.Beta, t.RejectedScore))),
        BaseLoss = s => StepZero.NegLogSigmoid(s.Reward) + StepZero.NegLogSigmoid(-s.Reward),
    };
}
