using OrtDpo.Batches;

namespace OrtDpo.Data.Inspection;

/// <summary>
/// The warnings of each kind of row: about prompts, then about completions and labels, then about the data as a whole.
/// <c>docs/inspect.md</c> says of each when it is given, why, and what to do.
/// </summary>
public static class InspectionWarnings
{
    /// <summary>What a person should look at.</summary>
    /// <param name="kind">What the rows are.</param>
    /// <param name="rows">All rows, the dropped ones too.</param>
    /// <param name="bosId">The beginning-of-sequence token, where the tokenizer has one.</param>
    /// <param name="endIds">The tokens that end a completion; empty where there is none.</param>
    public static IReadOnlyList<Warning> Of(RowKind kind, IReadOnlyList<InspectedRow> rows, int? bosId, IReadOnlyList<int> endIds)
    {
        var kept = rows.Where(row => row.Encoded.Tokens is not null).ToList();
        return
        [
            .. PromptWarnings.Leaks(kept),
            .. kind switch
            {
                RowKind.Pair => OfPairs(rows, kept),
                RowKind.Unpaired => OfFeedback(rows, kept),
                _ => OfSupervised(rows, kept, endIds),
            },
            .. DataWarnings.TemplateLosses(kept),
            .. DataWarnings.MissingEos(kept, endIds),
            .. DataWarnings.DoubledBos(kept, bosId),
            .. DataWarnings.Truncated(kept),
            .. DataWarnings.UnbalancedSources(kept),
        ];
    }

    static IEnumerable<Warning> OfPairs(IReadOnlyList<InspectedRow> rows, IReadOnlyList<InspectedRow> kept) =>
    [
        .. PairWarnings.Contradictions(kept),
        .. PairWarnings.ContradictingScores(kept),
        .. PairWarnings.Duplicates(kept),
        .. PromptWarnings.Duplicates(kept, "pairs"),
        .. DataWarnings.Empty(rows),
        .. PairCompletionWarnings.Identical(kept),
        .. PairCompletionWarnings.NearIdentical(kept),
        .. PairCompletionWarnings.OneSided(kept),
        .. PairCompletionWarnings.Repetitive(rows),
        .. PairWarnings.LengthBias(kept),
    ];

    static IEnumerable<Warning> OfFeedback(IReadOnlyList<InspectedRow> rows, IReadOnlyList<InspectedRow> kept) =>
    [
        .. FeedbackWarnings.Contradictions(kept),
        .. CompletionWarnings.Duplicates(kept),
        .. PromptWarnings.Duplicates(kept, "completions"),
        .. DataWarnings.Empty(rows),
        .. FeedbackWarnings.OneLabel(kept),
        .. FeedbackWarnings.UnbalancedLabels(kept),
        .. FeedbackWarnings.LengthBias(kept),
    ];

    static IEnumerable<Warning> OfSupervised(
        IReadOnlyList<InspectedRow> rows, IReadOnlyList<InspectedRow> kept, IReadOnlyList<int> endIds) =>
    [
        .. CompletionWarnings.Duplicates(kept),
        .. CompletionWarnings.SeveralCompletions(kept),
        .. DataWarnings.Empty(rows),
        .. CompletionWarnings.Short(kept, endIds),
        .. CompletionWarnings.Repetitive(kept),
    ];
}
