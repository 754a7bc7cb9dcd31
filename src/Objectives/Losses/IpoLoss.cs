namespace OrtDpo.Objectives.Losses;

/// <summary>IPO, Eq. 17 of arXiv:2310.12036, on log-probabilities per token: (s_w / |y_w| − s_l / |y_l| − 1 / (2β))².</summary>
static class IpoLoss
{
    public static readonly LossDefinition Definition = new()
    {
        Name = "ipo",
        Description = "IPO per token: (s_w/|y_w| - s_l/|y_l| - 1/(2 beta))^2, as TRL and LLaMA-Factory; for sums see ipo_sum.",
        Uses = Modifiers.Beta | Modifiers.FDivergence,
        OfPairs = t => t.Square(t.B.Sub(t.MeanDpoLogit, t.Target)),
        BaseLoss = s => s.Score == 0 ? 1 / (4 * s.Beta * s.Beta) : null,
    };
}
