namespace OrtDpo.Runs.Tests;

public class MetricsLineTests
{
    [Theory]
    [InlineData(0, 10)]
    [InlineData(8, 10)]
    [InlineData(10, 10)]
    [InlineData(117, 231)]
    public void The_interval_ends_where_the_score_test_would_just_reject(int successes, int trials)
    {
        var (low, high) = WilsonInterval.Of(successes, trials);
        var share = (double)successes / trials;
        Assert.InRange(share, low, high);
        // (share - p)^2 = z^2 p (1 - p) / n at both ends, except where an end is cut at 0 or 1.
        foreach (var p in (double[])[low, high])
        {
            if (p is > 0 and < 1)
            {
                AssertClose(1.959963984540054, Math.Abs(share - p) / Math.Sqrt(p * (1 - p) / trials), Tolerances.Float64);
            }
        }
    }

    [Fact]
    public void Numbers_that_are_not_finite_are_null_in_json() =>
        Assert.Equal("""{"a/b":0.5,"c":null,"d":3}""", new MetricsLine().Add("a/b", 0.5).Add("c", double.NaN).Add("d", 3).ToJson());
}
