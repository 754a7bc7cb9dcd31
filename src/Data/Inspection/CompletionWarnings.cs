using OrtDpo.Batches;

namespace OrtDpo.Data.Inspection;

/// <summary>Warnings about rows of one completion.</summary>
static class CompletionWarnings
{
    // Without the token that ends it.
    const int FewestTokens = 3;

    internal static IEnumerable<Warning> Duplicates(IReadOnlyList<InspectedRow> rows)
    {
        var seen = new HashSet<(string, string, Judgement)>();
        return Warning.OfRows(
            "duplicate_rows",
            rows.Where(row => !seen.Add((row.Text.Prompt, row.Completion, row.Text.Known))),
            "an earlier row is the same word for word; it counts twice");
    }

    internal static IEnumerable<Warning> SeveralCompletions(IReadOnlyList<InspectedRow> rows)
    {
        var prompts = new HashSet<string>();
        var whole = new HashSet<(string, string)>();
        return Warning.OfRows(
            "several_completions",
            rows.Where(row => whole.Add((row.Text.Prompt, row.Completion)) & !prompts.Add(row.Text.Prompt)),
            "an earlier row has the same prompt with another completion; the model learns both, and the prompt weighs more");
    }

    internal static IEnumerable<Warning> Short(IReadOnlyList<InspectedRow> rows, IReadOnlyList<int> endIds) => Warning.OfRows(
        "short_completions",
        rows.Where(row => row.Encoded.Cut[0] == 0 && row.CompletionTokens.Count(id => !endIds.Contains(id)) < FewestTokens),
        "a completion of fewer than 3 tokens; the model learns to stop as early");

    internal static IEnumerable<Warning> Repetitive(IReadOnlyList<InspectedRow> rows) => Warning.OfRows(
        "repetitive_completions",
        rows.Where(row => RepetitiveText.Is(row.Completion)),
        "a completion repeats itself over and over; the model learns to do so");
}
