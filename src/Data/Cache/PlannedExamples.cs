using OrtDpo.Batches;

namespace OrtDpo.Data.Cache;

/// <summary>Rows of the data to what is scored: equal tokens once, ranked completions together behind their prompt.</summary>
static class PlannedExamples
{
    internal static IEnumerable<PlannedExample> Of(IReadOnlyList<PreparedExample> rows, string contractDigest, KnownScores known)
    {
        var origins = new Dictionary<string, List<PreparedExample>>();
        var alone = new List<string>();
        foreach (var row in rows.Where(row => !row.IsRanked))
        {
            var key = RowKey.Of(contractDigest, row.Tokens);
            if (AddOrigin(key, row))
            {
                alone.Add(key);
            }
        }

        var ranked = Ranked().ToList();
        var planned = alone.ConvertAll(
            key => new PlannedExample(key, origins[key][0].Tokens, [RowOf(key, origins[key][0].Tokens)], known.Of(key)));
        planned.AddRange(ranked.Select(example => new PlannedExample(
            example.Key, example.Tokens, [.. example.Pairs.Select(pair => new PlannedRow(pair.Key, pair.Completions, Sorted(pair.Key)))],
            known.OfEach(contractDigest, example.Tokens))));
        return planned;

        // A pair that is also a row by itself, or another ranked row's, is written where it is scored first.
        IEnumerable<(string Key, Example Tokens, List<(string Key, int[] Completions)> Pairs)> Ranked()
        {
            var groups = rows.Where(row => row.IsRanked)
                .GroupBy(row => (Key: RowKey.Of(contractDigest, row.Tokens), Pairs: string.Join(' ', row.Tokens.Known.Pairs)))
                .OrderBy(same => same.Key.Key, StringComparer.Ordinal)
                .ThenBy(same => same.Key.Pairs, StringComparer.Ordinal);
            foreach (var same in groups)
            {
                var tokens = same.First().Tokens;
                var own = new List<(string, int[])>();
                foreach (var row in same)
                {
                    foreach (var (pair, place) in row.Rows().Zip(tokens.Known.Pairs))
                    {
                        var key = RowKey.Of(contractDigest, pair.Tokens);
                        if (AddOrigin(key, pair))
                        {
                            own.Add((key, [place.Chosen, place.Rejected]));
                        }
                    }
                }

                if (own.Count > 0)
                {
                    yield return (same.Key.Key, tokens, own);
                }
            }
        }

        bool AddOrigin(string key, PreparedExample row)
        {
            var isNew = !origins.TryGetValue(key, out var same);
            if (isNew)
            {
                origins.Add(key, same = []);
            }

            same!.Add(row);
            return isNew;
        }

        PlannedRow RowOf(string key, Example tokens) => new(key, [.. Enumerable.Range(0, tokens.Completions.Count)], Sorted(key));

        List<PreparedExample> Sorted(string key) =>
            [.. origins[key].OrderBy(row => row.Source, StringComparer.Ordinal).ThenBy(row => row.SourceRow)];
    }
}
