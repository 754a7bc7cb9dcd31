namespace OrtDpo.Data;

/// <summary>One row as text: a preference pair, or a prompt with one completion.</summary>
/// <param name="Source">Name of the file it came from.</param>
/// <param name="SourceRow">From 1: the line of a JSON Lines file, the place in a JSON array.</param>
/// <param name="Prompt">What the completions continue.</param>
/// <param name="Chosen">The preferred completion, or the only one.</param>
/// <param name="Rejected">The other completion; null where there is one only.</param>
public sealed record PairText(string Source, long SourceRow, string Prompt, string Chosen, string? Rejected)
{
    /// <summary>How reports name the row.</summary>
    public string Id => $"{Source}:{SourceRow}";

    /// <summary>The label of unpaired feedback; null for other rows.</summary>
    public bool? Desirable { get; init; }

    /// <summary>How many times the other answer's score the chosen one has; null where the row does not say.</summary>
    public double? ScoreRatio { get; init; }

    /// <summary>Set where the text alone shows that the row cannot be used.</summary>
    public DropReason? Unusable { get; init; }

    /// <summary>What a chat template says against the row; null where it is no row of messages, or the template takes it.</summary>
    public string? Refusal { get; init; }

    /// <summary>A row of messages that a chat template makes no text of.</summary>
    internal static PairText Refused(string source, long row, Refusal refusal) =>
        new(source, row, "", "", null) { Unusable = refusal.Reason, Refusal = refusal.Message };
}
