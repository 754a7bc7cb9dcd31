using OrtDpo.Ship.Checks;
using OrtDpo.Ship.Statistics;

namespace OrtDpo.Ship.Tests.Checks;

public sealed class JudgedTests
{
    // The end of the interval that speaks against the run, and not the number, and what is no number never passes.
    [Theory]
    [InlineData(0.6, 0.51, 0.7, Verdict.Passed)]
    [InlineData(0.6, 0.5, 0.7, Verdict.Blocked)]
    [InlineData(0.9, 0.4, 1, Verdict.Blocked)]
    [InlineData(0.9, double.NegativeInfinity, double.PositiveInfinity, Verdict.Blocked)]
    [InlineData(double.NaN, double.NaN, double.NaN, Verdict.Blocked)]
    public void A_large_number_passes_by_its_low_end(double estimate, double low, double high, Verdict expected) =>
        Assert.Equal(expected, Judged.Above("a", new Interval(estimate, low, high), 0.5, "", "It").Verdict);

    [Theory]
    [InlineData(0.2, 0.1, 0.5, Verdict.Passed)]
    [InlineData(0.2, 0.1, 0.51, Verdict.Blocked)]
    [InlineData(0.2, double.NegativeInfinity, double.PositiveInfinity, Verdict.Blocked)]
    [InlineData(double.NaN, double.NaN, double.NaN, Verdict.Blocked)]
    public void A_small_number_passes_by_its_high_end(double estimate, double low, double high, Verdict expected) =>
        Assert.Equal(expected, Judged.AtMost("a", new Interval(estimate, low, high), 0.5, "", "It").Verdict);

    [Fact]
    public void What_JSON_has_no_word_for_is_left_out()
    {
        var check = Judged.Above("a", new Interval(double.NaN, double.NegativeInfinity, double.PositiveInfinity), 0.5, "", "It");
        Assert.Equal(((double?)null, (double?)null, (double?)null, (double?)0.5), (check.Value, check.Low, check.High, check.Limit));
        Assert.Equal(
            "It, with a 95 % interval from no bound to no bound; its low end must be above 0.5.", check.Reason);
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(0.9924, "0.992")]
    [InlineData(-12.5, "-12.5")]
    [InlineData(6.2e-6, "6.2e-6")]
    [InlineData(123456, "1.23e5")]
    public void Numbers_are_short(double number, string text) => Assert.Equal(text, Judged.Number(number));

    [Fact]
    public void Zero_has_no_sign() => Assert.Equal("0", Judged.Number(-0.0));
}
