using OrtDpo.Autodiff.Building;

namespace OrtDpo.Testing.Running;

/// <summary>Numbers and their sizes, as tests compare them.</summary>
/// <param name="Type">Element type.</param>
/// <param name="Sizes">Sizes.</param>
/// <param name="Data">Row-major <c>float[]</c>, <c>double[]</c>, <c>long[]</c> or <c>bool[]</c>.</param>
public sealed record Tensor(DataType Type, long[] Sizes, Array Data)
{
    public static Tensor Of(DataType type, long[] sizes, IEnumerable<double> values) => type == DataType.Float64
        ? new(type, sizes, values.ToArray())
        : new(type, sizes, values.Select(v => (float)v).ToArray());

    public static Tensor Of(params double[] values) => new(DataType.Float64, [values.Length], values);

    public double[] Numbers() => Data switch
    {
        double[] d => d,
        float[] f => [.. f.Select(v => (double)v)],
        long[] l => [.. l.Select(v => (double)v)],
        bool[] b => [.. b.Select(v => v ? 1.0 : 0.0)],
        _ => throw new InvalidOperationException($"Tensors of {Data.GetType()} have no numbers."),
    };

    /// <summary>this + step · direction.</summary>
    public Tensor Moved(double step, Tensor direction) =>
        Of(Type, Sizes, Numbers().Zip(direction.Numbers(), (x, v) => x + (step * v)));

    public double Dot(Tensor other) => Numbers().Zip(other.Numbers(), (x, y) => x * y).Sum();
}
