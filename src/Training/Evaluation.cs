using OrtDpo.Batches;
using OrtDpo.Runs;

namespace OrtDpo.Training;

/// <summary>Scores held-out rows.</summary>
public static class Evaluation
{
    /// <summary>
    /// The metrics of <paramref name="rows"/> with the policy as it is, set by set: each under <c>eval_</c> and its name, those of a named
    /// set under <c>eval_NAME_</c>.
    /// </summary>
    /// <param name="scorer">The policy; its state does not change.</param>
    /// <param name="loss">The objective, evaluated once over all rows of a set, and of its parts.</param>
    /// <param name="rows">The held-out rows; at least one.</param>
    /// <param name="microPairs">Rows of a micro-batch; null = by length.</param>
    /// <param name="line">The line to add to.</param>
    /// <param name="positions">Positions of a micro-batch by length.</param>
    public static MetricsLine Score(
        IScorer scorer, ILoss loss, IReadOnlyList<TrainingRow> rows, int? microPairs, MetricsLine line,
        int positions = MicroBatches.PositionBudget)
    {
        foreach (var set in HeldOutSet.Of(rows))
        {
            var (scored, values, kl) = new ScoringPass(scorer, loss, microPairs, positions).ScoreEach(set.Rows);
            var sums = RowSums.Of(loss.Traits);
            sums.Add(scored, values, kl);
            sums.WriteTo(line, set.Prefix);
            sums.WriteHeldOutTo(line, set.Prefix);
            if (loss.Traits.Rows == RowKind.Pair && LengthBias.Of(scored.Terms, values) is { } bias)
            {
                line.Add($"{set.Prefix}length_bias", bias);
            }

            Slices.WriteTo(line, set.Prefix, new HeldOutPass(scored, values, kl), loss);
        }

        return line;
    }
}
