namespace OrtDpo.Core.Data.Inspection;

/// <summary>All warnings: about prompts, then about completions, then about the data as a whole.</summary>
public static class InspectionWarnings
{
    /// <summary>The warnings of preference pairs.</summary>
    /// <param name="rows">All rows, the dropped ones too.</param>
    /// <param name="bosId">The beginning-of-sequence token, where the tokenizer has one.</param>
    /// <param name="eosId">The end-of-sequence token, where the tokenizer has one.</param>
    public static IReadOnlyList<Warning> Of(IReadOnlyList<InspectedRow> rows, int? bosId, int? eosId)
    {
        var kept = rows.Where(row => row.Encoded.Tokens is not null).ToList();
        return
        [
            .. PromptWarnings.Leaks(kept),
            .. PairWarnings.Contradictions(kept),
            .. PairWarnings.Duplicates(kept),
            .. PromptWarnings.Duplicates(kept),
            .. DataWarnings.Empty(rows),
            .. PairCompletionWarnings.Identical(kept),
            .. PairCompletionWarnings.NearIdentical(kept),
            .. PairCompletionWarnings.OneSided(kept),
            .. PairCompletionWarnings.Repetitive(rows),
            .. PairWarnings.LengthBias(kept),
            .. DataWarnings.MissingEos(kept, eosId),
            .. DataWarnings.DoubledBos(kept, bosId),
            .. DataWarnings.Truncated(kept),
            .. DataWarnings.UnbalancedSources(kept),
        ];
    }
}
