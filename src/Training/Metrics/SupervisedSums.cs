using OrtDpo.Runs;

namespace OrtDpo.Training;

/// <summary>The metrics of supervised rows; the loss is a mean over tokens.</summary>
sealed class SupervisedSums : RowSums
{
    double logps;
    int rows;

    private protected override void WriteIntervals(MetricsLine line, string prefix) => line.Add($"{prefix}rows", rows);

    private protected override void AddRows(ScoredRows scored, LossValues values, double kl)
    {
        logps += scored.Terms.Sum(term => term.Completion.Logps);
        rows += scored.Terms.Count;
    }

    private protected override void WriteRows(MetricsLine line, string prefix) => line.Add($"{prefix}logps/chosen", logps / rows);
}
