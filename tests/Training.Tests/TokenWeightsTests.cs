using OrtDpo.Batches;

namespace OrtDpo.Training.Tests;

public sealed class TokenWeightsTests
{
    static readonly PairTokens Tokens = new([1], [2, 3, 4], [5, 6, 7, 8, 9]);

    [Theory]
    [InlineData(0, -4.25)]
    [InlineData(0.5, -4.625)]
    [InlineData(1, -5)]
    public void Tokens_beyond_the_shorter_completion_weigh_alpha(float alpha, double expected) =>
        Assert.Equal(expected, TokenWeights.Sum([-2, -0.75f, -1.5f, -0.5f, -0.25f], TokenWeights.Shared(Tokens), alpha));

    [Fact]
    public void The_shorter_completion_keeps_its_sum() =>
        Assert.Equal(-1.75, TokenWeights.Sum([-0.5f, -1, -0.25f], TokenWeights.Shared(Tokens), 0));

    [Fact]
    public void A_sum_s_slope_is_every_token_s_times_its_weight_and_nothing_where_padded()
    {
        var row = new TrainingRow("", Tokens, null, "rows", 1);
        var spread = TokenWeights.Spread(MicroBatch.Of([row]), [-2, 3], alpha: 0.25f);
        Assert.Equal([-2, -2, -2, 0, 0, 3, 3, 3, 0.75f, 0.75f], spread);
    }

    [Fact]
    public void Equal_lengths_leave_nothing_to_weigh()
    {
        var row = new TrainingRow("", new PairTokens([1], [2, 3], [4, 5]), null, "rows", 1);
        Assert.Equal([-2, -2, 3, 3], TokenWeights.Spread(MicroBatch.Of([row]), [-2, 3], alpha: 0));
    }
}
