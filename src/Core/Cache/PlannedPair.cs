using OrtDpo.Core.Batches;
using OrtDpo.Core.Data;

namespace OrtDpo.Core.Cache;

/// <summary>A pair to write, scored once for all rows of the data that have its tokens.</summary>
/// <param name="RowKey">Its identity.</param>
/// <param name="Tokens">What is scored.</param>
/// <param name="Rows">The rows to write, in the order of the data.</param>
/// <param name="Known">What an older cache holds of it; null = it is to be scored.</param>
public sealed record PlannedPair(string RowKey, PairTokens Tokens, IReadOnlyList<PreparedPair> Rows, TokenLogps? Known);
