using OrtDpo.Data.Inspection;

namespace OrtDpo.Data.Tests.Inspection;

public sealed class RankIntervalTests
{
    [Fact]
    public void The_share_is_that_of_all_couples_with_ties_as_halves()
    {
        var random = new Random(5);
        for (var i = 0; i < 50; i++)
        {
            var (first, second) = (Draw(random, 1 + random.Next(20)), Draw(random, 1 + random.Next(20)));
            var couples = first.SelectMany(a => second.Select(b => a > b ? 1 : a == b ? 0.5 : 0)).Average();
            AssertClose(couples, RankInterval.Of(first, second).Share, Tolerances.Float64);
        }
    }

    [Fact]
    public void The_interval_holds_one_half_where_the_rank_test_finds_no_difference()
    {
        // Mann and Whitney: U has mean mn/2 and variance mn(m + n + 1)/12 where both samples are of one distribution without ties.
        var random = new Random(6);
        var found = 0;
        for (var i = 0; i < 300; i++)
        {
            var (m, n) = (5 + random.Next(20), 5 + random.Next(20));
            var ranks = Enumerable.Range(0, m + n).OrderBy(rank => random.Next() + (rank * 3e7)).ToArray();
            var (share, low, high) = RankInterval.Of(ranks[..m], ranks[m..]);
            var differs = Math.Abs(share - 0.5) * m * n > 1.959963984540054 * Math.Sqrt(m * n * (m + n + 1) / 12.0);
            Assert.Equal(differs, low > 0.5 || high < 0.5);
            found += differs ? 1 : 0;
        }

        Assert.InRange(found, 30, 270);
    }

    [Theory]
    [InlineData(new[] { 5, 6, 7 }, new[] { 1, 2, 3 }, 1)]
    [InlineData(new[] { 1, 2 }, new[] { 2, 3, 9 }, 1 / 12.0)]
    [InlineData(new[] { 4 }, new[] { 4 }, 0.5)]
    public void The_interval_holds_its_share_and_turns_with_the_samples(int[] first, int[] second, double expected)
    {
        var (share, low, high) = RankInterval.Of(first, second);
        AssertClose(expected, share, Tolerances.Float64);
        Assert.InRange(share, low, high);
        Assert.InRange(low, 0, high);
        Assert.InRange(high, low, 1);
        var turned = RankInterval.Of(second, first);
        AssertClose([1 - share, 1 - high, 1 - low], [turned.Share, turned.Low, turned.High], Tolerances.Float64Function);
    }

    static int[] Draw(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(10))];
}
