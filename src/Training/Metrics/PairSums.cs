using OrtDpo.Runs;

namespace OrtDpo.Training;

/// <summary>The metrics of preference pairs.</summary>
sealed class PairSums(bool hasNll) : RowSums
{
    double chosenRewards;
    double rejectedRewards;
    double chosenLogps;
    double rejectedLogps;
    double plainChosenLogps;
    long chosenTokens;
    int wins;
    int ties;
    int preferred;
    int pairs;

    private protected override void WriteIntervals(MetricsLine line, string prefix)
    {
        var (low, high) = WilsonInterval.Of(wins, pairs);
        line.Add($"{prefix}rewards/accuracies_low", low).Add($"{prefix}rewards/accuracies_high", high);
        (low, high) = WilsonInterval.Of(preferred, pairs);
        line.Add($"{prefix}preference_accuracy_low", low).Add($"{prefix}preference_accuracy_high", high);
        line.Add($"{prefix}pairs", pairs);
    }

    private protected override void AddRows(ScoredRows scored, LossValues values, double kl)
    {
        var count = scored.Terms.Count;
        pairs += count;
        for (var i = 0; i < count; i++)
        {
            Add(scored.Terms[i], values.Rewards[i], values.Rewards[count + i]);
        }
    }

    private protected override void WriteRows(MetricsLine line, string prefix)
    {
        line.Add($"{prefix}rewards/chosen", chosenRewards / pairs)
            .Add($"{prefix}rewards/rejected", rejectedRewards / pairs)
            .Add($"{prefix}rewards/margins", (chosenRewards - rejectedRewards) / pairs)
            .Add($"{prefix}rewards/accuracies", (double)wins / pairs)
            .Add($"{prefix}rewards/ties", (double)ties / pairs)
            .Add($"{prefix}logps/chosen", chosenLogps / pairs)
            .Add($"{prefix}logps/rejected", rejectedLogps / pairs);
        if (hasNll)
        {
            line.Add($"{prefix}nll_loss", -plainChosenLogps / chosenTokens);
        }

        line.Add($"{prefix}preference_accuracy", (double)preferred / pairs);
    }

    void Add(ScoredTerm term, float chosenReward, float rejectedReward)
    {
        var (chosen, rejected) = (term.Completion, term.Rejected!.Value);
        chosenLogps += chosen.WeightedLogps;
        rejectedLogps += rejected.WeightedLogps;
        plainChosenLogps += chosen.Logps;
        chosenTokens += chosen.Length;
        chosenRewards += chosenReward;
        rejectedRewards += rejectedReward;
        wins += term.IsRight(chosenReward, rejectedReward) ? 1 : 0;
        ties += term.IsTie(chosenReward, rejectedReward) ? 1 : 0;
        preferred += chosen.Logps / chosen.Length > rejected.Logps / rejected.Length ? 1 : 0;
    }
}
