namespace OrtDpo.Data.Cache;

/// <summary>What is asked of older caches, by key.</summary>
/// <param name="Rows">Pairs.</param>
/// <param name="Completions">Each of the ranked completions behind its prompt.</param>
public sealed record WantedScores(IReadOnlySet<string> Rows, IReadOnlySet<string> Completions)
{
    /// <summary>What <paramref name="rows"/> need under a contract.</summary>
    public static WantedScores Of(IReadOnlyList<PreparedExample> rows, string contractDigest) => new(
        rows.Where(row => !row.IsRanked).Select(row => RowKey.Of(contractDigest, row.Tokens)).ToHashSet(),
        rows.Where(row => row.IsRanked).SelectMany(row => KnownScores.KeysOfEach(contractDigest, row.Tokens)).ToHashSet());
}
