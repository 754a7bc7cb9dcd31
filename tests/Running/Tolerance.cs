using OrtDpo.Autodiff.Building;

namespace OrtDpo.Testing.Running;

/// <summary>The one table of tolerances, relative to the larger of 1 and the expected number.</summary>
static class Tolerance
{
    public static double Of(DataType type) => type switch
    {
        DataType.Float64 => 1e-8,
        DataType.Float32 => 1e-5,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "No tolerance is known for this type."),
    };

    public static void Check(DataType type, double expected, double actual, string what)
    {
        var error = Math.Abs(expected - actual) / Math.Max(1, Math.Abs(expected));
        Assert.True(error <= Of(type), $"{what}: {actual:r}, expected {expected:r}; relative error {error:e2}, allowed {Of(type):e0}.");
    }

    public static void Check(DataType type, Tensor expected, Tensor actual, string what)
    {
        Assert.Equal(expected.Sizes, actual.Sizes);
        foreach (var (i, (e, a)) in expected.Numbers().Zip(actual.Numbers()).Index())
        {
            Check(type, e, a, $"{what}[{i}]");
        }
    }
}
