namespace OrtDpo.Batches;

/// <summary>
/// Lays examples out in rows: packed, first-fit by decreasing length under the width of the longest example; or stacked, one sequence a
/// row.
/// </summary>
public static class ExamplePacking
{
    /// <summary>Packs <paramref name="examples"/> into one batch; completions keep their order, example by example.</summary>
    /// <exception cref="ArgumentException">
    /// The list is empty, or an example has an empty prompt, no completion, an empty one, or more than a segment's stride has room for.
    /// </exception>
    public static PackedBatch Pack(IReadOnlyList<Example> examples, BatchLayout layout = BatchLayout.Packed)
    {
        Check(examples);
        var isStacked = layout == BatchLayout.Stacked;
        var width = examples.Max(example => isStacked ? example.Prompt.Length + example.LongestCompletion : example.Length);
        var completions = examples.Sum(example => example.Completions.Count);
        var (starts, rows) = isStacked ? ([], completions) : FirstFit(examples, width);
        var completionWidth = examples.Max(example => example.LongestCompletion);
        var batch = new PackedBatch
        {
            Rows = rows,
            Width = width,
            Completions = completions,
            CompletionWidth = completionWidth,
            InputIds = new long[rows * width],
            PositionIds = new long[rows * width],
            SegmentIds = new long[rows * width],
            CompletionIndex = new long[completions * completionWidth],
            CompletionIds = new long[completions * completionWidth],
            CompletionMask = new float[completions * completionWidth],
            Tokens = examples.Sum(example => example.Length + (isStacked ? (example.Completions.Count - 1) * example.Prompt.Length : 0)),
        };
        Array.Fill(batch.SegmentIds, -1);
        var completion = 0;
        for (var i = 0; i < examples.Count; i++)
        {
            var (prompt, all, _) = examples[i];
            var segment = PackedBatch.SegmentStride * i;
            var start = 0;
            for (var k = 0; k < all.Count; k++)
            {
                if (isStacked || k == 0)
                {
                    start = isStacked ? completion * width : starts[i];
                    Place(batch, prompt, start, position: 0, segment);
                    start += prompt.Length;
                }

                // The last prompt position predicts the first token of every completion.
                var lastOfPrompt = isStacked ? start - 1 : starts[i] + prompt.Length - 1;
                Place(batch, all[k], start, prompt.Length, segment + 1 + k);
                Score(batch, completion++, all[k], lastOfPrompt, start);
                start += all[k].Length;
            }
        }

        return batch;
    }

    static void Check(IReadOnlyList<Example> examples)
    {
        if (examples.Count == 0)
        {
            throw new ArgumentException("A batch needs at least one example.", nameof(examples));
        }

        for (var i = 0; i < examples.Count; i++)
        {
            var (prompt, completions, _) = examples[i];
            if (prompt.Length == 0 || completions.Count == 0 || completions.Any(completion => completion.Length == 0))
            {
                throw new ArgumentException(
                    $"Example {i} has an empty prompt or completion; each needs at least one token.", nameof(examples));
            }

            if (completions.Count >= PackedBatch.SegmentStride)
            {
                throw new ArgumentException(
                    $"Example {i} has {completions.Count} completions; a batch tells at most {PackedBatch.SegmentStride - 1} apart.",
                    nameof(examples));
            }
        }
    }

    // Longest first, ties in the order given, so that the layout depends on nothing but the lengths.
    static (int[] Starts, int Rows) FirstFit(IReadOnlyList<Example> examples, int width)
    {
        var lengths = examples.Select(example => example.Length).ToArray();
        var starts = new int[examples.Count];
        var filled = new List<int>();
        foreach (var i in Enumerable.Range(0, examples.Count).OrderByDescending(i => lengths[i]))
        {
            var row = filled.FindIndex(used => used + lengths[i] <= width);
            if (row < 0)
            {
                row = filled.Count;
                filled.Add(0);
            }

            starts[i] = (row * width) + filled[row];
            filled[row] += lengths[i];
        }

        return (starts, filled.Count);
    }

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
            batch.CompletionIndex[at + t] = t == 0 ? lastOfPrompt : start + t - 1;
            batch.CompletionIds[at + t] = tokens[t];
            batch.CompletionMask[at + t] = 1;
        }
    }
}
