namespace OrtDpo.Batches;

/// <summary>
/// Lays pairs out in rows: packed, first-fit by decreasing length under the width of the longest pair; or stacked, one sequence a row,
/// chosen of pair 0, 1, …, then rejected.
/// </summary>
public static class PairPacking
{
    /// <summary>
    /// Packs <paramref name="pairs"/> into one batch. Completions keep the order of <paramref name="pairs"/>: chosen of pair 0, 1, …, then
    /// rejected of pair 0, 1, …. All items are pairs, or all are single completions.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// The list is empty, mixes pairs with single completions, or holds an empty prompt or completion.
    /// </exception>
    public static PackedBatch Pack(IReadOnlyList<PairTokens> pairs, BatchLayout layout = BatchLayout.Packed)
    {
        Check(pairs);
        var paired = pairs[0].IsPair;
        var stacked = layout == BatchLayout.Stacked;
        var width = pairs.Max(p => stacked ? p.Prompt.Length + Math.Max(p.Chosen.Length, p.Rejected.Length) : p.Length);
        var (rowOf, offsetOf, rows) = stacked ? OneEach(paired ? 2 * pairs.Count : pairs.Count) : FirstFit(pairs, width);
        var completions = paired ? 2 * pairs.Count : pairs.Count;
        var completionWidth = pairs.Max(p => Math.Max(p.Chosen.Length, p.Rejected.Length));

        var batch = new PackedBatch
        {
            Rows = rows,
            Width = width,
            Completions = completions,
            CompletionWidth = completionWidth,
            Pairs = paired ? pairs.Count : 0,
            InputIds = new long[rows * width],
            PositionIds = new long[rows * width],
            SegmentIds = new long[rows * width],
            CompletionIndex = new long[completions * completionWidth],
            CompletionIds = new long[completions * completionWidth],
            CompletionMask = new float[completions * completionWidth],
            Tokens = pairs.Sum(p => p.Length + (stacked && paired ? p.Prompt.Length : 0)),
        };
        Array.Fill(batch.SegmentIds, -1);
        for (var i = 0; i < pairs.Count; i++)
        {
            var start = (rowOf[i] * width) + offsetOf[i];
            var (prompt, chosen, rejected) = pairs[i];
            var end = start + prompt.Length;
            Place(batch, prompt, start, position: 0, segment: 3 * i);
            Place(batch, chosen, end, prompt.Length, (3 * i) + 1);
            Score(batch, i, chosen, end - 1, end);
            if (stacked && paired)
            {
                start = rowOf[pairs.Count + i] * width;
                end = start + prompt.Length;
                Place(batch, prompt, start, position: 0, segment: 3 * i);
                Place(batch, rejected, end, prompt.Length, (3 * i) + 2);
                Score(batch, pairs.Count + i, rejected, end - 1, end);
            }
            else if (paired)
            {
                Place(batch, rejected, end + chosen.Length, prompt.Length, (3 * i) + 2);
                Score(batch, pairs.Count + i, rejected, end - 1, end + chosen.Length);
            }
        }

        return batch;
    }

    static void Check(IReadOnlyList<PairTokens> pairs)
    {
        if (pairs.Count == 0)
        {
            throw new ArgumentException("A batch needs at least one pair.", nameof(pairs));
        }

        for (var i = 0; i < pairs.Count; i++)
        {
            if (pairs[i].Prompt.Length == 0 || pairs[i].Chosen.Length == 0)
            {
                throw new ArgumentException($"Pair {i} has an empty prompt or completion; both need at least one token.", nameof(pairs));
            }

            if (pairs[i].IsPair != pairs[0].IsPair)
            {
                throw new ArgumentException($"Pair {i} and pair 0 differ in whether they have a rejected completion.", nameof(pairs));
            }
        }
    }

    // Longest first, ties in the order given, so that the layout depends on nothing but the lengths.
    static (int[] RowOf, int[] OffsetOf, int Rows) FirstFit(IReadOnlyList<PairTokens> pairs, int width)
    {
        var rowOf = new int[pairs.Count];
        var offsetOf = new int[pairs.Count];
        var filled = new List<int>();
        foreach (var i in Enumerable.Range(0, pairs.Count).OrderByDescending(i => pairs[i].Length))
        {
            var row = filled.FindIndex(used => used + pairs[i].Length <= width);
            if (row < 0)
            {
                row = filled.Count;
                filled.Add(0);
            }

            rowOf[i] = row;
            offsetOf[i] = filled[row];
            filled[row] += pairs[i].Length;
        }

        return (rowOf, offsetOf, filled.Count);
    }

    static (int[] RowOf, int[] OffsetOf, int Rows) OneEach(int sequences) =>
        ([.. Enumerable.Range(0, sequences)], new int[sequences], sequences);

    static void Place(PackedBatch batch, int[] tokens, int start, int position, int segment)
    {
        for (var t = 0; t < tokens.Length; t++)
        {
            batch.InputIds[start + t] = tokens[t];
            batch.PositionIds[start + t] = position + t;
            batch.SegmentIds[start + t] = segment;
        }
    }

    static void Score(PackedBatch batch, int completion, int[] tokens, int lastOfPrompt, int start)
    {
        var at = completion * batch.CompletionWidth;
        for (var t = 0; t < tokens.Length; t++)
        {
            // The last prompt position predicts the first token of both completions.
            batch.CompletionIndex[at + t] = t == 0 ? lastOfPrompt : start + t - 1;
            batch.CompletionIds[at + t] = tokens[t];
            batch.CompletionMask[at + t] = 1;
        }
    }
}
