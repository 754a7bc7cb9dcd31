using OrtDpo.Autodiff.Building;

namespace OrtDpo.Objectives.Tests;

/// <summary>How near the numbers of <c>golden_losses.json</c> must be met.</summary>
static class GoldenTolerance
{
    /// <summary>
    /// float64: <see cref="Tolerances.Float64"/> × max(1, |v|). float32: <see cref="Tolerances.Float32"/> × max(1, |v|), and
    /// <see cref="Tolerances.Float32Graph"/> × |v| where |v| ≥ 1e-3; numbers below 1e-30 are no float32 numbers.
    /// </summary>
    public static void Check(DataType type, string what, IEnumerable<double> expected, IEnumerable<double> actual)
    {
        var (wanted, got) = (expected.ToArray(), actual.ToArray());
        if (type == DataType.Float64)
        {
            AssertClose(wanted, got, Tolerances.Float64, relative: Tolerances.Float64, what);
            return;
        }

        Assert.Equal(wanted.Length, got.Length);
        for (var i = 0; i < wanted.Length; i++)
        {
            var size = Math.Abs(wanted[i]);
            if (size < 1e-30 && size > 0)
            {
                continue;
            }

            var allowed = Tolerances.Float32 * Math.Max(1, size);
            allowed = size >= 1e-3 ? Math.Min(allowed, Tolerances.Float32Graph * size) : allowed;
            AssertClose(wanted[i], got[i], allowed, what: $"{what}[{i}]");
        }
    }
}
