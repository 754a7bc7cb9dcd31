#pragma warning disable IDE0005 // Not every test project compares such numbers.
global using static OrtDpo.Testing.Close;
#pragma warning restore IDE0005
using System.Runtime.CompilerServices;

namespace OrtDpo.Testing;

/// <summary>
/// Numbers as near to each other as rounding allows: |expected − actual| is at most the larger of <c>absolute</c> and
/// <c>relative</c> · |expected|. NaN is near to nothing, an infinity to itself alone. Tolerances are those of <see cref="Tolerances"/>.
/// </summary>
static class Close
{
    /// <summary>Two numbers.</summary>
    /// <param name="expected">The number that is right.</param>
    /// <param name="actual">The number that was found.</param>
    /// <param name="absolute">How far the numbers may lie apart, whatever their size.</param>
    /// <param name="relative">How far they may lie apart, as a part of the expected number.</param>
    /// <param name="what">What the numbers are, for the message.</param>
    public static void AssertClose(
        double expected, double actual, double absolute = 0, double relative = 0,
        [CallerArgumentExpression(nameof(actual))] string what = "")
    {
        if (!IsClose(expected, actual, absolute, relative))
        {
            Assert.Fail($"{what}: {Difference(expected, actual, absolute, relative)}.");
        }
    }

    /// <summary>Element by element: each has a tolerance of its own where it is relative.</summary>
    /// <inheritdoc cref="AssertClose(double, double, double, double, string)"/>
    public static void AssertClose(
        ReadOnlySpan<double> expected, ReadOnlySpan<double> actual, double absolute = 0, double relative = 0,
        [CallerArgumentExpression(nameof(actual))] string what = "")
    {
        if (expected.Length != actual.Length)
        {
            Assert.Fail($"{what}: {actual.Length} numbers; expected {expected.Length}.");
        }

        // The farthest is named, measured in tolerances.
        var (worst, farthest, far) = (-1, 0.0, 0);
        for (var i = 0; i < expected.Length; i++)
        {
            if (IsClose(expected[i], actual[i], absolute, relative))
            {
                continue;
            }

            far++;
            var distance = Math.Abs(expected[i] - actual[i]) / Allowed(expected[i], absolute, relative);
            distance = double.IsNaN(distance) ? double.PositiveInfinity : distance;
            if (distance > farthest)
            {
                (worst, farthest) = (i, distance);
            }
        }

        if (far > 0)
        {
            Assert.Fail(
                $"{what}: {far} of {expected.Length} numbers are too far from what is expected, the farthest [{worst}]: "
                + $"{Difference(expected[worst], actual[worst], absolute, relative)}.");
        }
    }

    /// <inheritdoc cref="AssertClose(ReadOnlySpan{double}, ReadOnlySpan{double}, double, double, string)"/>
    public static void AssertClose(
        ReadOnlySpan<double> expected, ReadOnlySpan<float> actual, double absolute = 0, double relative = 0,
        [CallerArgumentExpression(nameof(actual))] string what = "") =>
        AssertClose(expected, Widened(actual), absolute, relative, what);

    /// <inheritdoc cref="AssertClose(ReadOnlySpan{double}, ReadOnlySpan{double}, double, double, string)"/>
    public static void AssertClose(
        ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, double absolute = 0, double relative = 0,
        [CallerArgumentExpression(nameof(actual))] string what = "") =>
        AssertClose(Widened(expected), Widened(actual), absolute, relative, what);

    static bool IsClose(double expected, double actual, double absolute, double relative)
    {
        var difference = Math.Abs(expected - actual);
        return expected == actual || (double.IsFinite(difference) && difference <= Allowed(expected, absolute, relative));
    }

    static double Allowed(double expected, double absolute, double relative) => Math.Max(absolute, relative * Math.Abs(expected));

    static string Difference(double expected, double actual, double absolute, double relative)
    {
        var (difference, tolerance) = (Math.Abs(expected - actual), Allowed(expected, absolute, relative));
        return FormattableString.Invariant(
            $"expected {expected:R}, found {actual:R}; difference {difference:G3}, tolerance {tolerance:G3}");
    }

    static double[] Widened(ReadOnlySpan<float> numbers)
    {
        var wide = new double[numbers.Length];
        for (var i = 0; i < wide.Length; i++)
        {
            wide[i] = numbers[i];
        }

        return wide;
    }
}
