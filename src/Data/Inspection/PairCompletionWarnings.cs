namespace OrtDpo.Data.Inspection;

/// <summary>Warnings about the two completions of a pair.</summary>
static class PairCompletionWarnings
{
    // The shorter completion over the longer one, in tokens.
    const double LeastLengthRatio = 0.3;

    // The share of its longer completion's tokens in which a pair must differ.
    const double LeastDifference = 0.05;

    // Below that many tokens one word is already a twentieth.
    const int LeastTokensToCompare = 10;

    internal static IEnumerable<Warning> Identical(IReadOnlyList<InspectedRow> rows) => Warning.OfRows(
        "identical_completions",
        rows.Where(AreIdentical),
        "chosen and rejected are the same tokens, from which nothing can be learned");

    internal static IEnumerable<Warning> NearIdentical(IReadOnlyList<InspectedRow> rows) => Warning.OfRows(
        "near_identical_completions",
        rows.Where(IsNearIdentical),
        "chosen and rejected differ in case or white space alone, or in fewer than 5 % of their tokens; the model learns these few tokens");

    internal static IEnumerable<Warning> OneSided(IReadOnlyList<InspectedRow> rows) => Warning.OfRows(
        "length_ratio",
        rows.Where(row => (double)Math.Min(row.ChosenTokens.Length, row.RejectedTokens.Length)
            / Math.Max(row.ChosenTokens.Length, row.RejectedTokens.Length) < LeastLengthRatio),
        "one completion is less than 0.3 times as long as the other; length alone tells them apart");

    internal static IEnumerable<Warning> Repetitive(IReadOnlyList<InspectedRow> rows) => Warning.OfRows(
        "swapped_repetition",
        rows.Where(row => row.Text.Unusable is null && RepetitiveText.Is(row.Chosen) && !RepetitiveText.Is(row.Rejected)),
        "chosen repeats itself over and over and rejected does not; are the labels swapped?");

    static bool AreIdentical(InspectedRow row) => row.ChosenTokens.AsSpan().SequenceEqual(row.RejectedTokens);

    static bool IsNearIdentical(InspectedRow row)
    {
        if (AreIdentical(row))
        {
            return false;
        }

        if (FoldedText.AreEqual(row.Chosen, row.Rejected))
        {
            return true;
        }

        // What lies between the common beginning and the common end.
        ReadOnlySpan<int> chosen = row.ChosenTokens, rejected = row.RejectedTokens;
        var longer = Math.Max(chosen.Length, rejected.Length);
        var start = chosen.CommonPrefixLength(rejected);
        var a = chosen[start..];
        var b = rejected[start..];
        var end = 0;
        while (end < Math.Min(a.Length, b.Length) && a[^(end + 1)] == b[^(end + 1)])
        {
            end++;
        }

        return longer >= LeastTokensToCompare && longer - start - end < LeastDifference * longer;
    }
}
