using OrtDpo.Runs;

namespace OrtDpo.Data.Inspection;

/// <summary>Warnings about pairs beside each other.</summary>
static class PairWarnings
{
    /// <summary>The share of pairs from which on the longer completion says which one is chosen.</summary>
    internal const double MuchLonger = 0.6;

    internal static IEnumerable<Warning> Contradictions(IReadOnlyList<InspectedRow> rows)
    {
        var labelled = rows.Select(row => (row.Text.Prompt, row.Chosen, row.Rejected)).ToHashSet();
        return Warning.OfRows(
            "swapped_contradiction",
            rows.Where(row => row.Chosen != row.Rejected && labelled.Contains((row.Text.Prompt, row.Rejected, row.Chosen))),
            "another row has the same prompt and the same completions the other way round; one of the two is labelled wrongly");
    }

    internal static IEnumerable<Warning> ContradictingScores(IReadOnlyList<InspectedRow> rows)
    {
        var contradicting = rows.Where(row => row.Text.Scores is { Contradict: true }).ToList();
        return contradicting.Count == 0 ? [] : Warning.OfRows(
            "contradicting_scores",
            contradicting,
            LedgerText.ContradictingScores(contradicting.Count, rows.Count(row => row.Text.Scores is not null)));
    }

    internal static IEnumerable<Warning> Duplicates(IReadOnlyList<InspectedRow> rows)
    {
        var seen = new HashSet<(string, string, string)>();
        return Warning.OfRows(
            "duplicate_pairs",
            rows.Where(row => !seen.Add((row.Text.Prompt, row.Chosen, row.Rejected))),
            "an earlier row is the same word for word; it counts twice");
    }

    internal static IEnumerable<Warning> LengthBias(IReadOnlyList<InspectedRow> rows)
    {
        var chosenLonger = rows.Count(row => row.ChosenTokens.Length > row.RejectedTokens.Length);
        var rejectedLonger = rows.Count(row => row.ChosenTokens.Length < row.RejectedTokens.Length);
        var (most, which, other) = chosenLonger >= rejectedLonger
            ? (chosenLonger, "chosen", "rejected")
            : (rejectedLonger, "rejected", "chosen");
        var different = chosenLonger + rejectedLonger;
        if (different == 0)
        {
            yield break;
        }

        var (low, high) = WilsonInterval.Of(most, different);
        if ((double)most / different >= MuchLonger && low > 0.5)
        {
            var (mean, otherMean) = (Mean(rows, which), Mean(rows, other));
            yield return Warning.OfAll("length_bias", FormattableString.Invariant(
                $"{which} is the longer one in {100.0 * most / different:0} % of the pairs (95 % within {100 * low:0} to {100 * high:0}), ")
                + FormattableString.Invariant($"{mean:0} against {otherMean:0} tokens on average: ")
                + $"the model learns to write {(which == "chosen" ? "more" : "less")}");
        }
    }

    static double Mean(IReadOnlyList<InspectedRow> rows, string which) =>
        rows.Average(row => which == "chosen" ? row.ChosenTokens.Length : row.RejectedTokens.Length);
}
