namespace OrtDpo.Autodiff.Building;

/// <summary>The contents of a constant value.</summary>
/// <param name="Data">A flat <c>float[]</c>, <c>double[]</c>, <c>long[]</c>, <c>int[]</c> or <c>bool[]</c>, row-major; 16-bit
/// floats as <c>ushort[]</c> of their bits.</param>
public sealed record Constant(Array Data)
{
    public long[] Int64s => Data as long[]
        ?? throw new InvalidOperationException($"A constant of {Data.GetType().GetElementType()!.Name} was read as int64.");

    /// <summary>Its only element as a double; null where it has several or is no number.</summary>
    public double? Scalar => Data switch
    {
        float[] { Length: 1 } f => f[0],
        double[] { Length: 1 } d => d[0],
        long[] { Length: 1 } l => l[0],
        int[] { Length: 1 } i => i[0],
        _ => null,
    };
}
