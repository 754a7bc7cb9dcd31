namespace OrtDpo.Autodiff.Building;

/// <summary>Numbers in the floating types of ONNX, rounded to the nearest, halves to even; 16-bit floats as their bits.</summary>
static class FloatingBits
{
    /// <summary>The largest number of bfloat16.</summary>
    public const double BFloat16Max = 3.3895313892515355e38;

    /// <summary><c>float[]</c>, <c>double[]</c>, or <c>ushort[]</c> of the bits.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The type is no floating one.</exception>
    public static Array Of(double[] values, DataType type) => type switch
    {
        DataType.Float32 => Array.ConvertAll(values, v => (float)v),
        DataType.Float64 => values,
        DataType.Float16 => Array.ConvertAll(values, v => BitConverter.HalfToUInt16Bits((Half)v)),
        DataType.BFloat16 => Array.ConvertAll(values, BFloat16),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Only floating types have rounded numbers."),
    };

    /// <summary>The number whose bits these are.</summary>
    public static float Float(ushort bfloat16) => BitConverter.UInt32BitsToSingle((uint)bfloat16 << 16);

    /// <summary>The same in either type of 16 bits.</summary>
    public static float Float(ushort bits, DataType type) =>
        type == DataType.Float16 ? (float)BitConverter.UInt16BitsToHalf(bits) : Float(bits);

    /// <summary>The bits of the bfloat16 that is nearest.</summary>
    public static ushort BFloat16(double value)
    {
        var single = (float)value;
        var bits = BitConverter.SingleToUInt32Bits(single);
        var kept = bits >> 16;
        if (float.IsNaN(single))
        {
            // The highest bit of the fraction: what is left of a NaN must not be an infinity.
            return (ushort)(kept | 0x40);
        }

        // Where the float lies halfway, the double that it was rounded from decides; only where that does, too, the even one.
        var rest = bits & 0xFFFF;
        var beyond = Math.Abs(value).CompareTo(Math.Abs((double)single));
        var up = rest > 0x8000 || (rest == 0x8000 && (beyond > 0 || (beyond == 0 && (kept & 1) == 1)));
        return (ushort)(up ? kept + 1 : kept);
    }
}
