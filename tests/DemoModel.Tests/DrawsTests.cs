namespace OrtDpo.DemoModel.Tests;

public sealed class DrawsTests
{
    [Fact]
    public void Shuffling_keeps_the_items()
    {
        var shuffled = new Draws(1).Shuffled(Enumerable.Range(0, 100));

        Assert.NotEqual(Enumerable.Range(0, 100), shuffled);
        Assert.Equal(Enumerable.Range(0, 100), shuffled.Order());
    }

    // 200,000 draws: the mean's standard error is 0.0022, the variance's 0.0032; the bounds are five of each.
    [Fact]
    public void Normal_numbers_have_mean_zero_and_variance_one()
    {
        var draws = new Draws(2);
        var numbers = Enumerable.Range(0, 200_000).Select(_ => draws.Normal()).ToArray();

        var mean = numbers.Average();
        Assert.InRange(mean, -0.011, 0.011);
        Assert.InRange(numbers.Average(x => (x - mean) * (x - mean)), 0.984, 1.016);
    }
}
