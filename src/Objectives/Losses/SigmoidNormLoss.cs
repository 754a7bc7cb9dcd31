namespace OrtDpo.Objectives.Losses;

/// <summary>DPO per token, arXiv:2411.15124 (length-normalised DPO): −log σ(β (s_w / |y_w| − s_l / |y_l|)).</summary>
static class SigmoidNormLoss
{
    public static readonly LossDefinition Definition = new()
    {
        Name = "sigmoid_norm",
        Description = "Length-normalised DPO: -log sigmoid(beta (s_w/|y_w| - s_l/|y_l|)); its beta is larger, 2 to 10.",
        Uses = Modifiers.Beta | Modifiers.FDivergence,
        DefaultBeta = 2,
        OfPairs = t => t.NegLogSigmoid(t.B.Mul(t.Beta, t.MeanDpoLogit)),
        BaseLoss = s => s.Score == 0 ? StepZero.LnTwo : null,
    };
}
