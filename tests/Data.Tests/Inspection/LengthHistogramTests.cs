using OrtDpo.Data.Inspection;

namespace OrtDpo.Data.Tests.Inspection;

public sealed class LengthHistogramTests
{
    [Fact]
    public void Every_length_is_in_the_bin_that_holds_it()
    {
        var histogram = LengthHistogram.Of(("prompt", [1, 5, 6, 40]), ("chosen", [10, 11, 900]), ("rejected", [50]));
        Assert.Equal(7 + 1, histogram.Bins.Sum(bin => histogram.Parts.Sum(bin.Of)));
        foreach (var (length, prompt) in new[] { (1, 2), (5, 2), (6, 1), (40, 1) })
        {
            var bin = Assert.Single(histogram.Bins, bin => bin.From <= length && length <= (bin.To ?? int.MaxValue));
            Assert.True(bin.Of("prompt") >= 1, $"length {length}, as one of {prompt}");
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(12, 2)]
    [InlineData(60, 10)]
    [InlineData(512, 50)]
    [InlineData(1024, 100)]
    public void Bins_are_contiguous_round_and_few(int longest, int width)
    {
        var histogram = LengthHistogram.Of(("prompt", [longest]), ("completion", [longest]));
        Assert.Equal(width, histogram.BinWidth);
        Assert.InRange(histogram.Bins.Count, 1, 12);
        Assert.Equal(1, histogram.Bins[0].From);
        Assert.All(histogram.Bins.Zip(histogram.Bins.Skip(1)), pair => Assert.Equal(pair.First.To + 1, pair.Second.From));
    }
}
