
namespace OrtDpo.Batches.Tests;

public sealed class PairPackingTests
{
    static readonly PairTokens[] Pairs = [new([1, 2], [3, 4, 5], [6]), new([7], [8], [9, 10])];

    [Fact]
    public void Stacked_pairs_are_one_sequence_a_row_chosen_before_rejected()
    {
        var batch = PairPacking.Pack(Pairs, BatchLayout.Stacked);
        Assert.Equal((4, 5, 2, 4, 3), (batch.Rows, batch.Width, batch.Pairs, batch.Completions, batch.CompletionWidth));
        Assert.Equal([1, 2, 3, 4, 5, 7, 8, 0, 0, 0, 1, 2, 6, 0, 0, 7, 9, 10, 0, 0], batch.InputIds);
        Assert.Equal([0, 1, 2, 3, 4, 0, 1, 0, 0, 0, 0, 1, 2, 0, 0, 0, 1, 2, 0, 0], batch.PositionIds);
        Assert.Equal([0, 0, 1, 1, 1, 3, 4, -1, -1, -1, 0, 0, 2, -1, -1, 3, 5, 5, -1, -1], batch.SegmentIds);
        Assert.Equal([1, 2, 3, 5, 0, 0, 11, 0, 0, 15, 16, 0], batch.CompletionIndex);
        Assert.Equal([3, 4, 5, 8, 0, 0, 6, 0, 0, 9, 10, 0], batch.CompletionIds);
        Assert.Equal([1, 1, 1, 1, 0, 0, 1, 0, 0, 1, 1, 0], batch.CompletionMask);
        Assert.Equal(13, batch.Tokens);
    }

    [Theory]
    [InlineData(BatchLayout.Packed)]
    [InlineData(BatchLayout.Stacked)]
    public void Every_completion_token_is_predicted_by_the_token_before_it(BatchLayout layout)
    {
        var batch = PairPacking.Pack(Pairs, layout);
        int[][] sequences =
            [.. Pairs.Select(p => (int[])[.. p.Prompt, .. p.Chosen]), .. Pairs.Select(p => (int[])[.. p.Prompt, .. p.Rejected])];
        for (var r = 0; r < batch.Completions; r++)
        {
            var prompt = Pairs[r % 2].Prompt.Length;
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
        var batch = PairPacking.Pack([new([1], [2, 3], []), new([4, 5], [6], [])], BatchLayout.Stacked);
        Assert.Equal((2, 3, 0), (batch.Rows, batch.Width, batch.Pairs));
        Assert.Equal([1, 2, 3, 4, 5, 6], batch.InputIds);
    }
}
