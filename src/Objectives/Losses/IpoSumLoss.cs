namespace OrtDpo.Objectives.Losses;

/// <summary>IPO, Eq. 17 of arXiv:2310.12036, on sums: (Δ − 1 / (2β))².</summary>
static class IpoSumLoss
{
    public static readonly LossDefinition Definition = new()
    {
        Name = "ipo_sum",
        Description = "IPO on sums: (s_w - s_l - 1/(2 beta))^2, as OpenRLHF and the DPO authors' code; per token it is ipo.",
        Uses = Modifiers.OfSums,
        OfPairs = t => t.Square(t.B.Sub(t.DpoLogit, t.Target)),
        BaseLoss = s => 1 / (4 * s.Beta * s.Beta),
    };
}
