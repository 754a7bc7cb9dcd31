using OrtDpo.Core.Training;

namespace OrtDpo.Core.Metrics;

/// <summary>
/// Adds up what batches of pairs, or of supervised rows, say, and gives TRL's metrics: means over pairs (supervised: the loss is a mean over
/// tokens), so that the size of a batch does not matter.
/// </summary>
public sealed class PreferenceSums
{
    double loss;
    double chosenRewards;
    double rejectedRewards;
    double chosenLogps;
    double rejectedLogps;
    int wins;
    int ties;
    int preferred;
    int pairs;
    int rows;
    int scoredTokens;

    /// <summary>Adds a micro-batch.</summary>
    public void Add(MicroBatch micro, BatchScores scores)
    {
        loss += scores.LossSum;
        var count = micro.Rows.Count;
        rows += count;
        pairs += micro.Batch.Packed.Pairs;
        for (var i = 0; i < count; i++)
        {
            scoredTokens += micro.Rows[i].ScoredTokens;
            chosenLogps += scores.Logps[i];
            if (micro.Rows[i].Tokens.IsPair)
            {
                AddPair(micro.Rows[i], scores.Logps[i], scores.Logps[count + i], scores.ChosenRewards[i], scores.RejectedRewards[i]);
            }
        }
    }

    /// <summary>Adds the metrics to <paramref name="line"/>, each under <paramref name="prefix"/> and its name.</summary>
    public void WriteTo(MetricsLine line, string prefix = "")
    {
        if (pairs == 0)
        {
            line.Add($"{prefix}loss", loss / scoredTokens).Add($"{prefix}logps/chosen", chosenLogps / rows);
            return;
        }

        line.Add($"{prefix}loss", loss / pairs)
            .Add($"{prefix}rewards/chosen", chosenRewards / pairs)
            .Add($"{prefix}rewards/rejected", rejectedRewards / pairs)
            .Add($"{prefix}rewards/margins", (chosenRewards - rejectedRewards) / pairs)
            .Add($"{prefix}rewards/accuracies", (double)wins / pairs)
            .Add($"{prefix}rewards/ties", (double)ties / pairs)
            .Add($"{prefix}logps/chosen", chosenLogps / pairs)
            .Add($"{prefix}logps/rejected", rejectedLogps / pairs)
            .Add($"{prefix}preference_accuracy", (double)preferred / pairs);
    }

    /// <summary>Adds the binomial intervals of the two accuracies, for held-out pairs.</summary>
    public void WriteIntervalsTo(MetricsLine line, string prefix)
    {
        if (pairs == 0)
        {
            line.Add($"{prefix}rows", rows);
            return;
        }

        var (low, high) = WilsonInterval.Of(wins, pairs);
        line.Add($"{prefix}rewards/accuracies_low", low).Add($"{prefix}rewards/accuracies_high", high);
        (low, high) = WilsonInterval.Of(preferred, pairs);
        line.Add($"{prefix}preference_accuracy_low", low).Add($"{prefix}preference_accuracy_high", high);
        line.Add($"{prefix}pairs", pairs);
    }

    void AddPair(TrainingRow row, double chosen, double rejected, float chosenReward, float rejectedReward)
    {
        rejectedLogps += rejected;
        chosenRewards += chosenReward;
        rejectedRewards += rejectedReward;
        var isTie = IsTie(row, chosen, rejected);
        wins += !isTie && chosenReward > rejectedReward ? 1 : 0;
        ties += isTie ? 1 : 0;
        preferred += chosen / row.Tokens.Chosen.Length > rejected / row.Tokens.Rejected.Length ? 1 : 0;
    }

    // Where policy = reference, float32 still moves a sum by what the step-0 gate allows: a margin within that says nothing (docs/decisions/0006).
    static bool IsTie(TrainingRow row, double chosen, double rejected)
    {
        var dpoLogit = (chosen - rejected) - (row.Reference!.Chosen - row.Reference.Rejected);
        return Math.Abs(dpoLogit) <= StepZeroGate.SequenceTolerance(row.Tokens.Chosen.Length) + StepZeroGate.SequenceTolerance(row.Tokens.Rejected.Length);
    }
}
