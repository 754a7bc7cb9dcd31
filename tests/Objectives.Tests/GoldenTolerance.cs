using OrtDpo.Autodiff.Building;

namespace OrtDpo.Objectives.Tests;

/// <summary>How near golden numbers must be met.</summary>
static class GoldenTolerance
{
    /// <summary>
    /// float64: 1e-12 × max(1, |v|). float32: 1e-6 × max(1, |v|), and 1e-5 × |v| where |v| ≥ 1e-3; numbers below 1e-30 are no float32
    /// numbers.
    /// </summary>
    public static void Check(DataType type, string what, IEnumerable<double> expected, IEnumerable<double> actual)
    {
        var (wanted, got) = (expected.ToArray(), actual.ToArray());
        Assert.Equal(wanted.Length, got.Length);
        for (var i = 0; i < wanted.Length; i++)
        {
            var (size, difference) = (Math.Abs(wanted[i]), Math.Abs(wanted[i] - got[i]));
            if (type == DataType.Float32 && size < 1e-30 && size > 0)
            {
                continue;
            }

            var allowed = type == DataType.Float64 ? 1e-12 * Math.Max(1, size)
                : size >= 1e-3 ? Math.Min(1e-6 * Math.Max(1, size), 1e-5 * size)
                : 1e-6;
            Assert.True(difference <= allowed, $"{what}[{i}]: expected {wanted[i]:R}, found {got[i]:R}, off by {difference:E1}.");
        }
    }
}
