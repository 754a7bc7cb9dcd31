namespace OrtDpo.Objectives.Losses;

/// <summary>NCA for pairs, arXiv:2402.05369: −log σ(βs_w) − ½ log σ(−βs_w) − ½ log σ(−βs_l).</summary>
static class NcaPairLoss
{
    public static readonly LossDefinition Definition = new()
    {
        Name = "nca_pair",
        Description = "NCA: -log sigmoid(beta s_w) - 1/2 log sigmoid(-beta s_w) - 1/2 log sigmoid(-beta s_l).",
        Uses = Modifiers.OfSums,
        OfPairs = t =>
        {
            var (b, chosen, rejected) = (t.B, t.B.Mul(t.Beta, t.ChosenScore), t.B.Mul(t.Beta, t.RejectedScore));
            var against = b.Mul(t.Number(0.5), b.Add(b.Softplus(chosen), b.Softplus(rejected)));
            return b.Add(t.NegLogSigmoid(chosen), against);
        },
        BaseLoss = s => StepZero.NegLogSigmoid(s.Reward) + StepZero.NegLogSigmoid(-s.Reward),
    };
}
