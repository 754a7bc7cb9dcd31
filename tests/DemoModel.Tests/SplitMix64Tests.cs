namespace OrtDpo.DemoModel.Tests;

public sealed class SplitMix64Tests
{
    // The sequence that Rosetta Code publishes for seed 1234567 ("Pseudo-random numbers/Splitmix64").
    [Fact]
    public void The_published_sequence_comes_out()
    {
        var random = new SplitMix64(1234567);

        ulong[] drawn = [random.Next(), random.Next(), random.Next(), random.Next(), random.Next()];

        Assert.Equal(
            [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821], drawn);
    }

    [Fact]
    public void Shuffling_keeps_the_items()
    {
        var shuffled = new SplitMix64(1).Shuffled(Enumerable.Range(0, 100));

        Assert.NotEqual(Enumerable.Range(0, 100), shuffled);
        Assert.Equal(Enumerable.Range(0, 100), shuffled.Order());
    }

    // 200,000 draws: the mean's standard error is 0.0022, the variance's 0.0032; the bounds are five of each.
    [Fact]
    public void Normal_numbers_have_mean_zero_and_variance_one()
    {
        var random = new SplitMix64(2);
        var drawn = Enumerable.Range(0, 200_000).Select(_ => random.Normal()).ToArray();

        var mean = drawn.Average();
        Assert.InRange(mean, -0.011, 0.011);
        Assert.InRange(drawn.Average(x => (x - mean) * (x - mean)), 0.984, 1.016);
    }
}
