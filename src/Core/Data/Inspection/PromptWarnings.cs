namespace OrtDpo.Core.Data.Inspection;

/// <summary>Warnings about rows that share a prompt.</summary>
public static class PromptWarnings
{
    /// <summary>All of them.</summary>
    public static IEnumerable<Warning> Of(IReadOnlyList<InspectedRow> rows)
    {
        var kept = rows.Where(row => row.Encoded.Tokens is not null).ToList();
        return [.. Leaks(kept), .. Contradictions(kept), .. DuplicatePairs(kept), .. DuplicatePrompts(kept)];
    }

    static IEnumerable<Warning> Leaks(List<InspectedRow> rows)
    {
        var trained = rows.Where(row => row.Split == Split.Train).Select(row => FoldedText.Of(row.Text.Prompt)).ToHashSet();
        return Warning.OfRows(
            "leaked_prompts",
            [.. rows.Where(row => row.Split == Split.Eval && trained.Contains(FoldedText.Of(row.Text.Prompt))).Select(row => row.Id)],
            "held out, with a prompt that is also trained on (but for case and white space); held-out figures would flatter the model");
    }

    static IEnumerable<Warning> Contradictions(List<InspectedRow> rows)
    {
        var labelled = rows.Select(row => (row.Text.Prompt, row.Text.Chosen, row.Rejected)).ToHashSet();
        return Warning.OfRows(
            "swapped_contradiction",
            [.. rows.Where(row => row.Text.Chosen != row.Rejected && labelled.Contains((row.Text.Prompt, row.Rejected, row.Text.Chosen)))
                .Select(row => row.Id)],
            "another row has the same prompt and the same completions the other way round; one of the two is labelled wrongly");
    }

    static IEnumerable<Warning> DuplicatePairs(List<InspectedRow> rows)
    {
        var seen = new HashSet<(string, string, string)>();
        return Warning.OfRows(
            "duplicate_pairs",
            [.. rows.Where(row => !seen.Add((row.Text.Prompt, row.Text.Chosen, row.Rejected))).Select(row => row.Id)],
            "an earlier row is the same word for word; both are trained on");
    }

    static IEnumerable<Warning> DuplicatePrompts(List<InspectedRow> rows)
    {
        var seen = new HashSet<string>();
        return Warning.OfRows(
            "duplicate_prompts",
            [.. rows.Where(row => !seen.Add(row.Text.Prompt)).Select(row => row.Id)],
            "an earlier row has the same prompt; fine where a prompt has several pairs, which then weighs more");
    }
}
