using OrtDpo.Graph.Building;

namespace OrtDpo.Graph.Objectives;

/// <summary>DPO's loss, Eq. 7 of arXiv:2305.18290: −log σ(β · dpoLogit).</summary>
public static class SigmoidLoss
{
    /// <summary>The loss of each pair, <c>[P]</c>. At step 0 it is ln 2.</summary>
    public static Value PairLoss(GraphBuilder b, PairTerms t)
    {
        var dpoLogit = b.Sub(b.Sub(t.PolicyChosenLogps, t.PolicyRejectedLogps), b.Sub(t.RefChosenLogps, t.RefRejectedLogps));
        // −log σ(z) = softplus(−z): log(sigmoid(z)) overflows for z < −88 in float32.
        return b.Softplus(b.Neg(b.Mul(t.Beta, dpoLogit)));
    }
}
