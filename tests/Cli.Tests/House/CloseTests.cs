using Xunit.Sdk;

namespace OrtDpo.Cli.Tests.House;

/// <summary>The comparison that the other tests rely on refuses what it must.</summary>
public sealed class CloseTests
{
    const double NaN = double.NaN;
    const double Infinity = double.PositiveInfinity;

    // A quarter is a tolerance without rounding.
    [Theory]
    [InlineData(1, 1.25, 0.25, 0)]
    [InlineData(1, 0.75, 0.25, 0)]
    [InlineData(-8, -10, 0, 0.25)]
    [InlineData(8, 10, 0.25, 0.25)]
    [InlineData(0, 0.25, 0.25, 0.25)]
    [InlineData(0.5, 0.5, 0, 0)]
    [InlineData(0.0, -0.0, 0, 0)]
    [InlineData(Infinity, Infinity, 0, 0)]
    public void Numbers_within_the_larger_tolerance_are_close(double expected, double actual, double absolute, double relative)
    {
        AssertClose(expected, actual, absolute, relative);
        AssertClose([1, expected], [1, actual], absolute, relative);
    }

    [Theory]
    [InlineData(1, 1.25, 0.25, 0)]
    [InlineData(1, 0.75, 0.25, 0)]
    [InlineData(-8, -10, 0, 0.25)]
    [InlineData(8, 10, 0.25, 0.25)]
    [InlineData(0, 0.25, 0.25, 0.25)]
    [InlineData(0.5, 0.5, 0, 0)]
    public void The_next_number_beyond_the_tolerance_is_not_close(double expected, double actual, double absolute, double relative)
    {
        var beyond = actual > expected ? Math.BitIncrement(actual) : Math.BitDecrement(actual);
        Refused(expected, beyond, absolute, relative);
    }

    [Theory]
    [InlineData(1, NaN)]
    [InlineData(NaN, 1)]
    [InlineData(NaN, NaN)]
    [InlineData(1, Infinity)]
    [InlineData(Infinity, 1)]
    [InlineData(Infinity, -Infinity)]
    public void No_tolerance_is_near_enough_to_what_is_no_number(double expected, double actual) => Refused(expected, actual, 1e300, 1e300);

    [Fact]
    public void No_more_and_no_fewer_numbers_than_expected_are_close()
    {
        Assert.Contains("2 numbers; expected 3.", Message(() => AssertClose([1, 1, 1], [1.0, 1], 1)), StringComparison.Ordinal);
        Assert.Contains("1 numbers; expected 0.", Message(() => AssertClose([], [1.0], 1)), StringComparison.Ordinal);
        Assert.Contains("1 numbers; expected 2.", Message(() => AssertClose([1.0, 1], [1f], 1)), StringComparison.Ordinal);
        AssertClose([], Array.Empty<double>());
    }

    [Fact]
    public void Float32_numbers_are_compared_as_they_are()
    {
        float[] third = [1 / 3f];
        AssertClose([1 / 3.0], third, 1e-8);
        Assert.Throws<FailException>(() => AssertClose([1 / 3.0], third, 9e-9));
        Assert.Throws<FailException>(() => AssertClose(third, [MathF.BitIncrement(third[0])]));
    }

    [Fact]
    public void The_message_names_the_farthest_number()
    {
        Assert.Equal(
            "loss: expected 2, found 2.5; difference 0.5, tolerance 0.25.", Message(() => AssertClose(2, 2.5, 0.25, what: "loss")));

        // 3 at 1 is farther than 5 at 10: thirty tolerances against five.
        double[] expected = [1, 1, 10], found = [1, 4, 15];
        Assert.Equal(
            "found: 2 of 3 numbers are too far from what is expected, the farthest [1]: expected 1, found 4; difference 3, tolerance 0.1.",
            Message(() => AssertClose(expected, found, relative: 0.1)));
        found[2] = NaN;
        Assert.EndsWith(
            "the farthest [2]: expected 10, found NaN; difference NaN, tolerance 1.",
            Message(() => AssertClose(expected, found, relative: 0.1)), StringComparison.Ordinal);
    }

    static void Refused(double expected, double actual, double absolute, double relative)
    {
        Assert.Throws<FailException>(() => AssertClose(expected, actual, absolute, relative));
        Assert.Throws<FailException>(() => AssertClose([1, expected], [1, actual], absolute, relative));
    }

    static string Message(Action compare) => Assert.Throws<FailException>(compare).Message;
}
