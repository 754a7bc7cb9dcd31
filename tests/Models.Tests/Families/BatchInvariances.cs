using OrtDpo.Batches;

namespace OrtDpo.Testing;

/// <summary>
/// What must change no log-probability, on random pairs: how wide rows are padded, in which order they come, and how pairs are packed.
/// Every completion is compared with its sequence alone in a batch.
/// </summary>
/// <param name="score">A batch to its token log-probabilities, <c>[R, T]</c>.</param>
/// <param name="perToken">How far a token may move, in nats.</param>
/// <param name="perSequence">How far the sum of a completion may move, in nats.</param>
sealed class BatchInvariances(Func<PackedBatch, double[]> score, double perToken, double perSequence)
{
    /// <summary>Sizes of the models of <c>tests/golden/families</c>.</summary>
    const int Vocabulary = 40;
    const int Positions = 24;

    /// <summary>Tries random pairs.</summary>
    public void Hold(int seed)
    {
        var random = new Random(seed);
        Example[] pairs = [.. Enumerable.Range(0, random.Next(3, 7)).Select(_ => Pair(random))];
        // A row is wider than the model has positions, and holds several pairs.
        Example[] withWide = [.. pairs, Example.Pair(Ids(random, 6), Ids(random, Positions - 6), Ids(random, Positions - 6))];
        withWide =
        [
            .. withWide, Example.Pair(Ids(random, 2), Ids(random, 3), Ids(random, 1)),
            new(Ids(random, 1), [Ids(random, 2), Ids(random, 4), Ids(random, 1), Ids(random, 3)], Judgement.Nothing),
        ];
        Assert.True(ExamplePacking.Pack(withWide).Rows < withWide.Length);

        var alone = withWide.Select(p => p.Completions.Select(completion => Alone(p.Prompt, completion)).ToArray()).ToArray();
        Check("one pair a row", seed, [.. pairs.Select(p => (new[] { p }, ExamplePacking.Pack([p])))]);
        Check("many pairs a row", seed, (withWide, ExamplePacking.Pack(withWide)));
        Check("padded", seed, (withWide, Widened(ExamplePacking.Pack(withWide), by: random.Next(1, 9))));
        Check("stacked", seed, (pairs, ExamplePacking.Pack(pairs, BatchLayout.Stacked)));
        Check("stacked and padded", seed, (pairs, Widened(ExamplePacking.Pack(pairs, BatchLayout.Stacked), by: random.Next(1, 9))));
        var shuffled = withWide.ToArray();
        random.Shuffle(shuffled);
        Check("in another order", seed, (shuffled, ExamplePacking.Pack(shuffled)));
        SwappingNegatesMargins(seed, pairs);

        void Check(string how, int trial, params (Example[] Pairs, PackedBatch Batch)[] batches)
        {
            foreach (var (laid, batch) in batches)
            {
                var logps = score(batch);
                var expected = laid.SelectMany(example => alone[Array.IndexOf(withWide, example)]).ToArray();
                Assert.Equal(expected.Length, batch.Completions);
                for (var i = 0; i < expected.Length; i++)
                {
                    Compare(expected[i], Of(batch, logps, i), $"completion {i} {how}, seed {trial}");
                }
            }
        }
    }

    void SwappingNegatesMargins(int seed, Example[] pairs)
    {
        var margins = Margins(pairs);
        var swapped = Margins([.. pairs.Select(p => Example.Pair(p.Prompt, p.Completions[1], p.Completions[0]))]);
        for (var i = 0; i < margins.Length; i++)
        {
            AssertClose(-margins[i], swapped[i], 2 * perSequence, what: $"margin of pair {i} when swapped, seed {seed}");
        }
    }

    // log π(chosen) − log π(rejected).
    double[] Margins(Example[] pairs)
    {
        var batch = ExamplePacking.Pack(pairs);
        var logps = score(batch);
        return [.. pairs.Select((_, i) => Of(batch, logps, 2 * i).Sum() - Of(batch, logps, (2 * i) + 1).Sum())];
    }

    double[] Alone(int[] prompt, int[] completion) => score(ExamplePacking.Pack([Example.Unjudged(prompt, completion)]));

    void Compare(double[] expected, double[] actual, string what)
    {
        AssertClose(expected, actual, perToken, what: what);
        AssertClose(expected.Sum(), actual.Sum(), perSequence, what: $"{what}, the sum");
    }

    static double[] Of(PackedBatch batch, double[] logps, int completion) =>
        logps.AsSpan(completion * batch.CompletionWidth, batch.CompletionLength(completion)).ToArray();

    /// <summary>The same rows with <paramref name="by"/> more positions of padding.</summary>
    static PackedBatch Widened(PackedBatch batch, int by)
    {
        var width = batch.Width + by;
        return new PackedBatch
        {
            Rows = batch.Rows,
            Width = width,
            Completions = batch.Completions,
            CompletionWidth = batch.CompletionWidth,
            InputIds = Rows(batch.InputIds, 0),
            PositionIds = Rows(batch.PositionIds, 0),
            SegmentIds = Rows(batch.SegmentIds, -1),
            CompletionIndex = [.. batch.CompletionIndex.Select(i => (i / batch.Width * width) + (i % batch.Width))],
            CompletionIds = batch.CompletionIds,
            CompletionMask = batch.CompletionMask,
            Tokens = batch.Tokens,
        };

        long[] Rows(long[] values, long padding) =>
            [.. values.Chunk(batch.Width).SelectMany(row => row.Concat(Enumerable.Repeat(padding, by)))];
    }

    static Example Pair(Random random)
    {
        var prompt = Ids(random, random.Next(1, 9));
        // Half of the pairs are short enough that a row holds several.
        var longest = random.Next(2) == 0 ? 4 : Positions - prompt.Length;
        return Example.Pair(prompt, Ids(random, random.Next(1, longest + 1)), Ids(random, random.Next(1, longest + 1)));
    }

    static int[] Ids(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(Vocabulary))];
}
