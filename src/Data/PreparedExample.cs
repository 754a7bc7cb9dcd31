using OrtDpo.Batches;

namespace OrtDpo.Data;

/// <summary>A row that is used: its origin, its split and its tokens.</summary>
/// <param name="Source">Name of the file it came from.</param>
/// <param name="SourceRow">Its row there, from 1.</param>
/// <param name="Split">Training or held out.</param>
/// <param name="Tokens">What is scored.</param>
public sealed record PreparedExample(string Source, long SourceRow, Split Split, Example Tokens)
{
    /// <summary>Whether its completions are ranked: more than one pair, or two of more completions.</summary>
    public bool IsRanked => Tokens.Kind == RowKind.Pair && Tokens.Completions.Count > 2;

    /// <summary>The rows that a file of pairs would have: of ranked completions one for each pair, else the row itself.</summary>
    public IEnumerable<PreparedExample> Rows() => IsRanked
        ? Tokens.Known.Pairs.Select(pair => this with
        {
            Tokens = Example.Pair(Tokens.Prompt, Tokens.Completions[pair.Chosen], Tokens.Completions[pair.Rejected]),
        })
        : [this];
}
