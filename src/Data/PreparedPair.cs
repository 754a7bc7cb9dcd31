using OrtDpo.Batches;

namespace OrtDpo.Data;

/// <summary>A row that is used: its origin, its split and its tokens.</summary>
/// <param name="Source">Name of the file it came from.</param>
/// <param name="SourceRow">Its row there, from 1.</param>
/// <param name="Split">Training or held out.</param>
/// <param name="Tokens">What is scored.</param>
public sealed record PreparedPair(string Source, long SourceRow, Split Split, PairTokens Tokens)
{
    /// <summary>The label of unpaired feedback; null for other rows.</summary>
    public bool? Desirable { get; init; }
}
