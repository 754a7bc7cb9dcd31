using OrtDpo.Core.Batches;
using OrtDpo.Core.Data;

namespace OrtDpo.Core.Cache;

/// <summary>A pair to score, once for all rows of the data that have its tokens.</summary>
/// <param name="RowKey">Its identity.</param>
/// <param name="Tokens">What is scored.</param>
/// <param name="Rows">The rows to write, in the order of the data.</param>
public sealed record PlannedPair(string RowKey, PairTokens Tokens, IReadOnlyList<PreparedPair> Rows);
