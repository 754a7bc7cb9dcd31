using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;

namespace OrtDpo.Objectives;

/// <summary>Weighted sums of losses as graphs, and the sum of token log-probabilities that they are functions of.</summary>
public static class LossGraphs
{
    /// <summary>
    /// From <c>token_logps</c> [R, T] (0 where not scored) to <c>logps</c> [R]: what composed graphs put between the head and a loss.
    /// </summary>
    /// <param name="type">Element type.</param>
    /// <param name="completions">R; 2P before a pair loss.</param>
    public static OnnxGraph TokenSums(DataType type, Dim completions)
    {
        var b = new GraphBuilder("logps");
        var tokenLogps = b.Input(FragmentPorts.TokenLogps, type, new Shape(completions, "T"));
        return b.Build([(LossPorts.Logps, b.ReduceSum(tokenLogps, keepDims: false, -1))]);
    }

    internal static OnnxGraph Pairs(IReadOnlyList<WeightedLoss> parts, ObjectiveOptions options, FDivergence divergence, DataType type)
    {
        var b = new GraphBuilder("loss");
        var t = new PairTerms(b, type, options, divergence);
        var losses = Sum(t, parts, loss => loss.OfPairs!(t));
        var outputs = Outputs(t, losses);
        if (options.Beta is not null)
        {
            var (chosen, rejected) = Rewarded(t, parts);
            outputs.Add((LossPorts.ChosenReward, b.Mul(t.Beta, chosen)));
            outputs.Add((LossPorts.RejectedReward, b.Mul(t.Beta, rejected)));
        }

        return b.Build(outputs, pruneInputs: true);
    }

    internal static OnnxGraph Unpaired(IReadOnlyList<WeightedLoss> parts, ObjectiveOptions options, DataType type)
    {
        var b = new GraphBuilder("loss");
        var t = new UnpairedTerms(b, type, options);
        var outputs = Outputs(t, Sum(t, parts, loss => loss.OfUnpaired!(t)));
        return b.Build([.. outputs, (LossPorts.Reward, b.Mul(t.Beta, t.LogRatio))], pruneInputs: true);
    }

    internal static OnnxGraph Supervised(IReadOnlyList<WeightedLoss> parts, DataType type)
    {
        var b = new GraphBuilder("loss");
        var t = new SupervisedTerms(b, type);
        return b.Build(Outputs(t, Sum(t, parts, loss => loss.OfSupervised!(t))), pruneInputs: true);
    }

    // What the policy is rewarded for: log-ratios where there is a reference, else log-probabilities as the losses see them.
    static (Value Chosen, Value Rejected) Rewarded(PairTerms t, IReadOnlyList<WeightedLoss> parts) =>
        parts.Any(p => p.Loss.NeedsReference) ? (t.ChosenLogRatio, t.RejectedLogRatio)
        : parts.Any(p => p.Loss.UsesMeans) ? (t.ChosenMeanLogps, t.RejectedMeanLogps)
        : (t.PolicyChosenLogps, t.PolicyRejectedLogps);

    static Value Sum(LossTerms t, IReadOnlyList<WeightedLoss> parts, Func<LossDefinition, Value> write) => parts
        .Select(p => p.Weight == 1 ? write(p.Loss) : t.B.Mul(t.Number(p.Weight), write(p.Loss)))
        .Aggregate(t.B.Add);

    static List<(string Name, Value Value)> Outputs(LossTerms t, Value losses) =>
        [(LossPorts.Loss, t.B.Mul(t.B.ReduceSum(losses), t.LossScale)), (LossPorts.PairLoss, losses)];
}
