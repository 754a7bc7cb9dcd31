
namespace OrtDpo.Batches.Tests;

public sealed class ExamplePackingTests
{
    static readonly Example[] Pairs = [Example.Pair([1, 2], [3, 4, 5], [6]), Example.Pair([7], [8], [9, 10])];

    [Fact]
    public void Stacked_pairs_are_one_sequence_a_row_pair_by_pair()
    {
        var batch = ExamplePacking.Pack(Pairs, BatchLayout.Stacked);
        Assert.Equal((4, 5, 4, 3), (batch.Rows, batch.Width, batch.Completions, batch.CompletionWidth));
        Assert.Equal([1, 2, 3, 4, 5, 1, 2, 6, 0, 0, 7, 8, 0, 0, 0, 7, 9, 10, 0, 0], batch.InputIds);
        Assert.Equal([0, 1, 2, 3, 4, 0, 1, 2, 0, 0, 0, 1, 0, 0, 0, 0, 1, 2, 0, 0], batch.PositionIds);
        const int Next = PackedBatch.SegmentStride;
        Assert.Equal(
            [0, 0, 1, 1, 1, 0, 0, 2, -1, -1, Next, Next + 1, -1, -1, -1, Next, Next + 2, Next + 2, -1, -1],
            batch.SegmentIds.Select(segment => (int)segment));
        Assert.Equal([1, 2, 3, 6, 0, 0, 10, 0, 0, 15, 16, 0], batch.CompletionIndex);
        Assert.Equal([3, 4, 5, 6, 0, 0, 8, 0, 0, 9, 10, 0], batch.CompletionIds);
        Assert.Equal([1, 1, 1, 1, 0, 0, 1, 0, 0, 1, 1, 0], batch.CompletionMask);
        Assert.Equal(13, batch.Tokens);
    }

    [Fact]
    public void A_prompt_with_four_completions_lies_in_one_row_once()
    {
        Example[] ranked = [new([1, 2], [[3, 4], [5], [6, 7, 8], [9]], Judgement.Nothing), Example.Unjudged([10], [11])];
        var batch = ExamplePacking.Pack(ranked);
        Assert.Equal((2, 9, 5, 3, 11), (batch.Rows, batch.Width, batch.Completions, batch.CompletionWidth, batch.Tokens));
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0, 0, 0, 0, 0, 0, 0], batch.InputIds);
        Assert.Equal([0, 1, 2, 3, 2, 2, 3, 4, 2], batch.PositionIds[..9]);
        Assert.Equal([0, 0, 1, 1, 2, 3, 3, 3, 4], batch.SegmentIds[..9]);
        // The prompt's last token predicts the first of each.
        Assert.Equal([1, 2, 0, 1, 0, 0, 1, 5, 6, 1, 0, 0, 9, 0, 0], batch.CompletionIndex);
    }

    [Fact]
    public void More_completions_than_a_segment_tells_apart_are_refused()
    {
        Example many = new([1], [.. Enumerable.Repeat<int[]>([2], PackedBatch.SegmentStride)], Judgement.Nothing);
        Assert.Contains(
            "Example 0 has 1024 completions; a batch tells at most 1023 apart.",
            Assert.Throws<ArgumentException>(() => ExamplePacking.Pack([many])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(BatchLayout.Packed)]
    [InlineData(BatchLayout.Stacked)]
    public void Every_completion_token_is_predicted_by_the_token_before_it(BatchLayout layout)
    {
        var batch = ExamplePacking.Pack(Pairs, layout);
        int[][] sequences = [.. Pairs.SelectMany(p => p.Completions.Select(c => (int[])[.. p.Prompt, .. c]))];
        for (var r = 0; r < batch.Completions; r++)
        {
            var prompt = Pairs[r / 2].Prompt.Length;
            for (var t = 0; t < batch.CompletionLength(r); t++)
            {
                var at = (r * batch.CompletionWidth) + t;
                var before = batch.CompletionIndex[at];
                Assert.Equal(sequences[r][prompt + t - 1], batch.InputIds[before]);
                Assert.Equal(prompt + t - 1, batch.PositionIds[before]);
                Assert.Equal(sequences[r][prompt + t], batch.CompletionIds[at]);
            }
        }
    }

    [Fact]
    public void Single_completions_are_stacked_one_a_row()
    {
        var batch = ExamplePacking.Pack([Example.Unjudged([1], [2, 3]), Example.Unjudged([4, 5], [6])], BatchLayout.Stacked);
        Assert.Equal((2, 3, 2), (batch.Rows, batch.Width, batch.Completions));
        Assert.Equal([1, 2, 3, 4, 5, 6], batch.InputIds);
    }
}
