using OrtDpo.Autodiff.Building;

namespace OrtDpo.Testing.Running;

/// <summary>
/// How near graphs of a type come to finite differences and to each other, relative to the larger of 1 and the expected number.
/// </summary>
static class GraphTolerance
{
    public static void Check(DataType type, double expected, double actual, string what) =>
        AssertClose(expected, actual, Of(type), relative: Of(type), what);

    public static void Check(DataType type, Tensor expected, Tensor actual, string what)
    {
        Assert.Equal(expected.Sizes, actual.Sizes);
        AssertClose(expected.Numbers(), actual.Numbers(), Of(type), relative: Of(type), what);
    }

    static double Of(DataType type) => type switch
    {
        DataType.Float64 => Tolerances.CentralDifference,
        DataType.Float32 => Tolerances.Float32Graph,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "No tolerance is known for this type."),
    };
}
