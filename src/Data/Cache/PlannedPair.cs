using OrtDpo.Batches;

namespace OrtDpo.Data.Cache;

/// <summary>A row to write, scored once for all rows of the data that have its tokens.</summary>
/// <param name="RowKey">Its identity.</param>
/// <param name="Tokens">
/// What is scored; of unpaired feedback the "rejected" completion is the mismatched one, which shares the prompt too.
/// </param>
/// <param name="Rows">The rows to write, in the order of the data.</param>
/// <param name="Known">What an older cache holds of it; null = it is to be scored.</param>
/// <param name="KlRowKey">The key of the row whose completion is the mismatched one; null for pairs.</param>
public sealed record PlannedPair(string RowKey, PairTokens Tokens, IReadOnlyList<PreparedPair> Rows, TokenLogps? Known, string? KlRowKey);
