namespace OrtDpo.Objectives.Losses;

/// <summary>SPPO with hard labels, Eq. 4.7 of arXiv:2405.00675 with P = 1 and 0: (s_w − 1 / (2β))² + (s_l + 1 / (2β))².</summary>
static class SppoHardLoss
{
    public static readonly LossDefinition Definition = new()
    {
        Name = "sppo_hard",
        Description = "SPPO with hard labels: (s_w - 1/(2 beta))^2 + (s_l + 1/(2 beta))^2, on sums.",
        Uses = Modifiers.OfSums,
        OfPairs = t => t.B.Add(t.Square(t.B.Sub(t.ChosenScore, t.Target)), t.Square(t.B.Add(t.RejectedScore, t.Target))),
        BaseLoss = s => Math.Pow(s.Score - (0.5 / s.Beta), 2) + Math.Pow(s.Score + (0.5 / s.Beta), 2),
    };
}
