using OrtDpo.Graph.Building;

namespace OrtDpo.Graph.Objectives;

/// <summary>Objectives as graphs from <c>token_logps</c> [R, T] to <c>loss</c> [], the fragment after the head.</summary>
public static class LossGraphs
{
    /// <summary>
    /// A pair loss. Inputs <c>token_logps</c> [2P, T], <c>ref_chosen_logps</c>, <c>ref_rejected_logps</c> [P], <c>beta</c>, <c>loss_scale</c> [];
    /// outputs <c>loss</c> [] = Σ pair loss × loss_scale, <c>logps</c> [2P], and per pair [P] <c>pair_loss</c>, <c>chosen_reward</c>, <c>rejected_reward</c>.
    /// </summary>
    /// <param name="pairLoss">The loss of each pair.</param>
    /// <param name="type">Element type.</param>
    public static OnnxGraph Pairs(Func<GraphBuilder, PairTerms, Value> pairLoss, DataType type = DataType.Float32)
    {
        var b = new GraphBuilder("loss");
        var pairs = new Shape("P");
        var tokenLogps = b.Input("token_logps", type, new Shape((Dim)2 * "P", "T"));
        var refChosen = b.Input("ref_chosen_logps", type, pairs);
        var refRejected = b.Input("ref_rejected_logps", type, pairs);
        var beta = b.Input("beta", type, Shape.Scalar);
        var scale = b.Input("loss_scale", type, Shape.Scalar);

        var logps = b.ReduceSum(tokenLogps, keepDims: false, -1);
        var halves = b.Split(logps, axis: 0, parts: 2);
        var loss = pairLoss(b, new PairTerms(halves[0], halves[1], refChosen, refRejected, beta));
        return b.Build(
        [
            ("loss", b.Mul(b.ReduceSum(loss), scale)),
            ("logps", logps),
            ("pair_loss", loss),
            ("chosen_reward", b.Mul(beta, b.Sub(halves[0], refChosen))),
            ("rejected_reward", b.Mul(beta, b.Sub(halves[1], refRejected))),
        ]);
    }

    /// <summary>
    /// Supervised: inputs <c>token_logps</c> [R, T], <c>loss_scale</c> []; outputs <c>loss</c> [] = −Σ token_logps × loss_scale, where the scale is
    /// 1 / scored tokens of the optimizer step, and <c>logps</c> [R].
    /// </summary>
    public static OnnxGraph Supervised(DataType type = DataType.Float32)
    {
        var b = new GraphBuilder("loss");
        var tokenLogps = b.Input("token_logps", type, new Shape("R", "T"));
        var scale = b.Input("loss_scale", type, Shape.Scalar);
        var logps = b.ReduceSum(tokenLogps, keepDims: false, -1);
        return b.Build([("loss", b.Neg(b.Mul(b.ReduceSum(logps), scale))), ("logps", logps)]);
    }
}
