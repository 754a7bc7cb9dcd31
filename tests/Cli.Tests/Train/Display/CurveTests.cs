using OrtDpo.Cli.Train.Display;

namespace OrtDpo.Cli.Tests.Train.Display;

public sealed class CurveTests
{
    [Fact]
    public void Few_values_are_shown_each()
    {
        var curve = Of([3, 1, double.NaN, 2]);
        Assert.Equal([3, 1, 2], curve.Means(10));
        Assert.Equal(2, curve.Last);
    }

    [Fact]
    public void More_values_than_columns_are_shown_by_their_means() =>
        // Eight in three: 2, 3 and 3 of them.
        Assert.Equal([1.5, 4, 7], Of([1, 2, 3, 4, 5, 6, 7, 8]).Means(3));

    [Theory]
    [InlineData(512)]
    [InlineData(513)]
    [InlineData(5_000)]
    [InlineData(1_000_000)]
    public void A_run_of_any_length_is_a_curve_of_its_whole_course(int steps)
    {
        // The mean of a part of 0, 1, 2, … lies in that part, wherever it is cut.
        var means = Of(Enumerable.Range(0, steps).Select(i => (double)i)).Means(10);
        Assert.Equal(10, means.Length);
        for (var i = 0; i < 10; i++)
        {
            Assert.InRange(means[i], steps * (i - 0.1) / 10, steps * (i + 1.1) / 10);
        }
    }

    [Fact]
    public void What_never_was_a_number_has_no_curve()
    {
        var curve = Of([double.NaN, double.PositiveInfinity]);
        Assert.Null(curve.Last);
        Assert.Empty(curve.Means(10));
    }

    static Curve Of(IEnumerable<double> values)
    {
        var curve = new Curve();
        foreach (var value in values)
        {
            curve.Add(value);
        }

        return curve;
    }
}
