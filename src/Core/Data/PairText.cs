namespace OrtDpo.Core.Data;

/// <summary>One preference pair as text.</summary>
/// <param name="Source">Name of the file it came from.</param>
/// <param name="SourceRow">From 1: the line of a JSON Lines file, the place in a JSON array.</param>
/// <param name="Prompt">What both completions continue.</param>
/// <param name="Chosen">The preferred completion.</param>
/// <param name="Rejected">The other completion.</param>
public sealed record PairText(string Source, long SourceRow, string Prompt, string Chosen, string Rejected)
{
    /// <summary>How reports name the row.</summary>
    public string Id => $"{Source}:{SourceRow}";

    /// <summary>Set where the text alone shows that the row cannot be used.</summary>
    public DropReason? Unusable { get; init; }
}
