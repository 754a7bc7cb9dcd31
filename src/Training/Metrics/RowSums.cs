using OrtDpo.Batches;
using OrtDpo.Runs;

namespace OrtDpo.Training;

/// <summary>
/// Adds up what parts of a step (or of the held-out rows) say, and gives TRL's metrics: means over rows and tokens, so that the size of a
/// batch does not matter.
/// </summary>
public abstract class RowSums
{
    readonly DivergenceSums divergence = new();
    readonly LikelihoodSums likelihood = new();

    /// <summary>The mean loss, once all rows are added.</summary>
    public double Loss { get; private set; }

    /// <summary>Sums for an objective's rows, empty.</summary>
    public static RowSums Of(LossTraits traits) => traits.Rows switch
    {
        RowKind.Pair => new PairSums(traits.HasNll),
        RowKind.Unpaired => new FeedbackSums(traits.NeedsKl),
        _ => new SupervisedSums(),
    };

    /// <summary>Adds some rows.</summary>
    /// <param name="scored">The rows.</param>
    /// <param name="values">What the objective says of them, scaled by all rows of the step.</param>
    /// <param name="kl">KTO's reference point of the step; 0 for other objectives.</param>
    public void Add(ScoredRows scored, LossValues values, double kl)
    {
        Loss += values.Loss;
        divergence.Add(scored);
        likelihood.Add(scored);
        AddRows(scored, values, kl);
    }

    /// <summary>Adds the metrics to <paramref name="line"/>, each under <paramref name="prefix"/> and its name.</summary>
    public void WriteTo(MetricsLine line, string prefix = "")
    {
        line.Add($"{prefix}loss", Loss);
        WriteRows(line, prefix);
        divergence.WriteTo(line, prefix);
    }

    /// <summary>
    /// Adds what held-out rows have beside: how well their completions are predicted, how many they are, and how sure shares are.
    /// </summary>
    public void WriteHeldOutTo(MetricsLine line, string prefix)
    {
        likelihood.WriteTo(line, prefix);
        WriteIntervals(line, prefix);
    }

    private protected abstract void WriteIntervals(MetricsLine line, string prefix);

    private protected abstract void AddRows(ScoredRows scored, LossValues values, double kl);

    private protected abstract void WriteRows(MetricsLine line, string prefix);
}
