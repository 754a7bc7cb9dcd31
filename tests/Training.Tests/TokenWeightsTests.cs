using OrtDpo.Batches;

namespace OrtDpo.Training.Tests;

public sealed class TokenWeightsTests
{
    static readonly Example Tokens = Example.Pair([1], [2, 3, 4], [5, 6, 7, 8, 9]);

    [Theory]
    [InlineData(0, -4.25)]
    [InlineData(0.5, -4.625)]
    [InlineData(1, -5)]
    public void Tokens_beyond_the_shorter_completion_weigh_alpha(float alpha, double expected) =>
        Assert.Equal(
            expected, TokenWeights.Sum([-2, -0.75f, -1.5f, -0.5f, -0.25f], TokenWeights.Shared(Tokens, new CompletionPair(0, 1)), alpha));

    [Fact]
    public void The_shorter_completion_keeps_its_sum() =>
        Assert.Equal(-1.75, TokenWeights.Sum([-0.5f, -1, -0.25f], TokenWeights.Shared(Tokens, new CompletionPair(0, 1)), 0));

    [Fact]
    public void A_sum_s_slope_is_every_token_s_times_its_weight_and_nothing_where_padded()
    {
        var row = new TrainingRow([""], Tokens, null, "rows", 1);
        var spread = TokenWeights.Spread(MicroBatch.Of([row]), [-2, 3], alpha: 0.25f);
        Assert.Equal([-2, -2, -2, 0, 0, 3, 3, 3, 0.75f, 0.75f], spread);
    }

    [Fact]
    public void Equal_lengths_leave_nothing_to_weigh()
    {
        var row = new TrainingRow([""], Example.Pair([1], [2, 3], [4, 5]), null, "rows", 1);
        Assert.Equal([-2, -2, 3, 3], TokenWeights.Spread(MicroBatch.Of([row]), [-2, 3], alpha: 0));
    }

    [Fact]
    public void A_completion_in_several_pairs_adds_up_their_slopes_each_with_the_pair_s_weights()
    {
        // The pairs (0, 1) and (0, 2): the first token of the second completion's length is shared with the short third one.
        var ranked = new Example(
            [1], [[2, 3, 4], [5, 6], [7]], new Judgement.Preference([new CompletionPair(0, 1), new CompletionPair(0, 2)]));
        var row = new TrainingRow(["", ""], ranked, null, "rows", 1);
        // Slopes of the chosen ones of both pairs, then of the rejected.
        var spread = TokenWeights.Spread(MicroBatch.Of([row]), [-2, -8, 3, 5], alpha: 0.5f);
        Assert.Equal([-2 - 8, -2 - 4, -1 - 4, 3, 3, 0, 5, 0, 0], spread);
    }
}
