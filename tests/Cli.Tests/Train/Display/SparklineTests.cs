using FsCheck;
using FsCheck.Fluent;
using OrtDpo.Cli.Train.Display;

namespace OrtDpo.Cli.Tests.Train.Display;

public sealed class SparklineTests
{
    [Fact]
    public void Eight_equal_parts_of_the_range_have_eight_heights()
    {
        // 0 to 8 in steps of a half: two numbers to a part, and the largest in the last.
        var values = Enumerable.Range(0, 17).Select(i => i / 2.0).ToArray();
        Assert.Equal("▁▁▂▂▃▃▄▄▅▅▆▆▇▇███", Sparkline.Of(values, isUnicode: true));
        Assert.Equal("__..--~~==++**###", Sparkline.Of(values, isUnicode: false));
    }

    [Fact]
    public void A_number_that_does_not_change_is_in_the_middle() => Assert.Equal("▅▅▅", Sparkline.Of([7, 7, 7], isUnicode: true));

    [Fact]
    public void The_largest_numbers_have_a_range() =>
        Assert.Equal("▁█", Sparkline.Of([double.MinValue, double.MaxValue], isUnicode: true));

    [Fact]
    public void Nothing_is_nothing() => Assert.Equal("", Sparkline.Of([], isUnicode: true));

    [Fact]
    public void A_larger_number_is_never_lower_and_both_ends_are_reached() => Prop.ForAll<NormalFloat[]>(given =>
    {
        var values = given.Select(value => value.Get).ToArray();
        var heights = Sparkline.Of(values, isUnicode: true).Select(c => c - '▁').ToArray();
        return heights.Length == values.Length
            && values.Zip(heights).OrderBy(point => point.First).Zip(values.Zip(heights).OrderBy(point => point.First).Skip(1))
                .All(pair => pair.First.Second <= pair.Second.Second)
            && (values.Distinct().Count() < 2 || (heights.Min() == 0 && heights.Max() == 7));
    }).QuickCheckThrowOnFailure();
}
