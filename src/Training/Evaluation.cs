using OrtDpo.Batches;
using OrtDpo.Runs;

namespace OrtDpo.Training;

/// <summary>Scores held-out rows.</summary>
public static class Evaluation
{
    /// <summary>The metrics of <paramref name="rows"/> with the policy as it is, each under <c>eval_</c> and its name.</summary>
    /// <param name="scorer">The policy; its state does not change.</param>
    /// <param name="loss">The objective, evaluated once over all rows.</param>
    /// <param name="rows">The held-out rows; at least one.</param>
    /// <param name="microPairs">Rows of a micro-batch; null = by length.</param>
    /// <param name="line">The line to add to.</param>
    /// <param name="positions">Positions of a micro-batch by length.</param>
    public static MetricsLine Score(
        IScorer scorer, ILoss loss, IReadOnlyList<TrainingRow> rows, int? microPairs, MetricsLine line,
        int positions = MicroBatches.PositionBudget)
    {
        var sums = new ScoringPass(scorer, loss, microPairs, positions).Score(rows);
        sums.WriteTo(line, "eval_");
        sums.WriteIntervalsTo(line, "eval_");
        return line;
    }
}
