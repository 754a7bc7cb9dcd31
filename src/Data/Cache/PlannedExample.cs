using OrtDpo.Batches;

namespace OrtDpo.Data.Cache;

/// <summary>What goes through the reference once, and the rows that are written of it.</summary>
/// <param name="Key">Its identity: that of its only row, or of its prompt and all its completions.</param>
/// <param name="Scored">
/// The prompt and every completion that is scored behind it; of unpaired feedback the second is the mismatched one.
/// </param>
/// <param name="Rows">The rows to write; several where completions are ranked.</param>
/// <param name="Known">What older caches hold of each completion; null = it is to be scored.</param>
public sealed record PlannedExample(
    string Key, Example Scored, IReadOnlyList<PlannedRow> Rows, IReadOnlyList<float[]>? Known)
{
    /// <summary>The rows of the cache with the log-probabilities of the completions' tokens.</summary>
    /// <exception cref="InvalidDataException">A log-probability is not finite; the message names row and token.</exception>
    internal IEnumerable<CachedRow> WithLogps(IReadOnlyList<float[]> tokenLogps)
    {
        RequireFinite(tokenLogps);
        var logps = tokenLogps.Select(CompletionLogps.Of).ToList();
        return Rows.SelectMany(row => row.Origins.Select(origin => new CachedRow
        {
            RowKey = row.Key,
            Source = origin.Source,
            SourceRow = origin.SourceRow,
            Split = origin.Split,
            Tokens = origin.Tokens,
            Reference = [.. row.Completions.Select(i => logps[i])],
            Mismatched = row.KlRowKey is { } other ? new MismatchedLogps(other, logps[1].Sum) : null,
        }));
    }

    void RequireFinite(IReadOnlyList<float[]> tokenLogps)
    {
        for (var k = 0; k < tokenLogps.Count; k++)
        {
            if (Array.FindIndex(tokenLogps[k], logp => !float.IsFinite(logp)) is >= 0 and var i)
            {
                var origin = Rows[0].Origins[0];
                throw new InvalidDataException(FormattableString.Invariant(
                    $"{origin.Source}:{origin.SourceRow}: the reference scores token {i} of the {NameOf(k)} as {tokenLogps[k][i]}; ")
                    + "expected a finite log-probability. The model's weights or its configuration are wrong.");
            }
        }
    }

    string NameOf(int completion) => Rows[0].KlRowKey is not null ? completion == 0 ? "given completion" : "mismatched completion"
        : Scored.Completions.Count == 2 ? $"{CompletionNames.Of(Scored)[completion]} completion"
        : CompletionNames.Of(Scored)[completion];
}

/// <summary>A row to write, for each row of the data that has its tokens.</summary>
/// <param name="Key">Its identity.</param>
/// <param name="Completions">Places of its completions among those scored.</param>
/// <param name="Origins">The rows of the data, in its order.</param>
/// <param name="KlRowKey">The key of the row whose completion is the mismatched one; null for pairs.</param>
public sealed record PlannedRow(
    string Key, IReadOnlyList<int> Completions, IReadOnlyList<PreparedExample> Origins, string? KlRowKey = null);
