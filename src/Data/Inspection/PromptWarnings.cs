namespace OrtDpo.Data.Inspection;

/// <summary>Warnings about rows that share a prompt.</summary>
static class PromptWarnings
{
    internal static IEnumerable<Warning> Leaks(IReadOnlyList<InspectedRow> rows)
    {
        var heldOut = rows.Where(row => row.Split == Split.Eval).ToList();
        var prompts = heldOut.Select(row => FoldedText.Of(row.Text.Prompt)).ToHashSet();
        prompts.IntersectWith(
            heldOut.Count == 0 ? [] : rows.Where(row => row.Split == Split.Train).Select(row => FoldedText.Of(row.Text.Prompt)));
        return Warning.OfRows(
            "leaked_prompts",
            heldOut.Where(row => prompts.Contains(FoldedText.Of(row.Text.Prompt))),
            "held out, with a prompt that is also trained on (but for case and white space); held-out figures would flatter the model");
    }

    internal static IEnumerable<Warning> Duplicates(IReadOnlyList<InspectedRow> rows, string several)
    {
        var seen = new HashSet<string>();
        return Warning.OfRows(
            "duplicate_prompts",
            rows.DistinctBy(row => (row.Text.Source, row.Text.SourceRow)).Where(row => !seen.Add(row.Text.Prompt)),
            $"an earlier row has the same prompt; fine where a prompt has several {several}, which then weighs more");
    }
}
