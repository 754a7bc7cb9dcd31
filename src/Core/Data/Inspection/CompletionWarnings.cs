namespace OrtDpo.Core.Data.Inspection;

/// <summary>Warnings about the two completions of a row.</summary>
public static class CompletionWarnings
{
    /// <summary>The shorter completion over the longer one, in tokens, under which a pair is one-sided.</summary>
    public const double LeastLengthRatio = 0.3;

    /// <summary>The share of its longer completion's tokens in which a pair must differ not to be near-identical.</summary>
    public const double LeastDifference = 0.05;

    // Below that many tokens one word is already a twentieth.
    const int LeastTokensToCompare = 10;

    // A completion of this many words or more, of which fewer than a fifth are different ones, goes round in circles.
    const int LeastWordsToRepeat = 30;
    const double LeastDistinctWords = 0.2;

    /// <summary>All of them.</summary>
    public static IEnumerable<Warning> Of(IReadOnlyList<InspectedRow> rows) =>
        [.. Empty(rows), .. Identical(rows), .. NearIdentical(rows), .. OneSided(rows), .. Repetitive(rows)];

    static IEnumerable<Warning> Empty(IReadOnlyList<InspectedRow> rows) => Warning.OfRows(
        "empty",
        Ids(rows, row => row.Encoded.Drop is DropReason.EmptyChosen or DropReason.EmptyRejected or DropReason.EmptyPrompt),
        "an empty prompt or completion; dropped");

    static IEnumerable<Warning> Identical(IReadOnlyList<InspectedRow> rows) => Warning.OfRows(
        "identical_completions",
        Ids(rows, row => row.Encoded.Tokens is { } tokens && tokens.Chosen.AsSpan().SequenceEqual(tokens.Rejected)),
        "chosen and rejected are the same tokens, from which nothing can be learned");

    static IEnumerable<Warning> NearIdentical(IReadOnlyList<InspectedRow> rows) => Warning.OfRows(
        "near_identical_completions",
        Ids(rows, IsNearIdentical),
        "chosen and rejected differ in case or white space alone, or in fewer than 5 % of their tokens; the model learns these few tokens");

    static IEnumerable<Warning> OneSided(IReadOnlyList<InspectedRow> rows) => Warning.OfRows(
        "length_ratio",
        Ids(rows, row => row.Encoded.Tokens is { } tokens
            && (double)Math.Min(tokens.Chosen.Length, tokens.Rejected.Length) / Math.Max(tokens.Chosen.Length, tokens.Rejected.Length) < LeastLengthRatio),
        "one completion is less than 0.3 times as long as the other; length alone tells them apart");

    static IEnumerable<Warning> Repetitive(IReadOnlyList<InspectedRow> rows) => Warning.OfRows(
        "swapped_repetition",
        Ids(rows, row => row.Text.Unusable is null && IsRepetitive(row.Text.Chosen) && !IsRepetitive(row.Rejected)),
        "chosen repeats itself over and over and rejected does not; are the labels swapped?");

    static bool IsNearIdentical(InspectedRow row)
    {
        if (row.Encoded.Tokens is not { } tokens || tokens.Chosen.AsSpan().SequenceEqual(tokens.Rejected))
        {
            return false;
        }

        if (FoldedText.Of(row.Text.Chosen) == FoldedText.Of(row.Rejected))
        {
            return true;
        }

        // What lies between the common beginning and the common end.
        ReadOnlySpan<int> chosen = tokens.Chosen, rejected = tokens.Rejected;
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

    static bool IsRepetitive(string text)
    {
        var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return words.Length >= LeastWordsToRepeat && words.Distinct().Count() < LeastDistinctWords * words.Length;
    }

    static string[] Ids(IReadOnlyList<InspectedRow> rows, Func<InspectedRow, bool> holds) => [.. rows.Where(holds).Select(row => row.Id)];
}
