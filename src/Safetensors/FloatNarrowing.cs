using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace OrtDpo.Safetensors;

/// <summary>float32 to 16-bit floating point: to the nearest value, of two that are as near to the one whose last bit is 0.</summary>
public static class FloatNarrowing
{
    // Half way from the largest finite value to what would follow it: from there on, rounding gives infinity.
    const float Float16End = 65520;
    static readonly float BFloat16End = BitConverter.UInt32BitsToSingle(0x7F7F8000);

    /// <summary>Narrows the values of a tensor.</summary>
    /// <param name="name">The tensor's name, for the message.</param>
    /// <param name="source">The values; what is not finite stays so.</param>
    /// <param name="type">F16 or BF16.</param>
    /// <param name="destination">Two bytes for each value.</param>
    /// <exception cref="InvalidDataException">A finite value is beyond the type's largest.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The type has no 16 bits of floating point.</exception>
    public static void Narrow(string name, ReadOnlySpan<float> source, WeightType type, Span<byte> destination)
    {
        RequireFits(name, source, type);
        if (type == WeightType.F16)
        {
            TensorPrimitives.ConvertToHalf(source, MemoryMarshal.Cast<byte, Half>(destination));
        }
        else
        {
            ToBFloat16(source, MemoryMarshal.Cast<byte, ushort>(destination));
        }
    }

    /// <summary>Checks that <see cref="Narrow"/> makes no value infinite.</summary>
    /// <exception cref="InvalidDataException">It would.</exception>
    public static void RequireFits(string name, ReadOnlySpan<float> source, WeightType type)
    {
        var end = type switch
        {
            WeightType.F16 => Float16End,
            WeightType.BF16 => BFloat16End,
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Expected F16 or BF16."),
        };
        foreach (var value in source)
        {
            if (MathF.Abs(value) >= end && float.IsFinite(value))
            {
                var other = type == WeightType.F16 ? "bfloat16 or float32, which reach further" : "float32, which reaches further";
                throw new InvalidDataException(FormattableString.Invariant(
                    $"Tensor '{name}' holds {value}, which {type.ConfigName()} cannot hold. Choose {other}."));
            }
        }
    }

    static void ToBFloat16(ReadOnlySpan<float> source, Span<ushort> destination)
    {
        var bits = MemoryMarshal.Cast<float, uint>(source);
        for (var i = 0; i < bits.Length; i++)
        {
            // The upper half; a carry from the lower one rounds it, and half a unit only to an even number. A NaN must not become infinite.
            destination[i] = float.IsNaN(source[i])
                ? (ushort)((bits[i] >> 16) | 0x40)
                : (ushort)((bits[i] + 0x7FFF + ((bits[i] >> 16) & 1)) >> 16);
        }
    }
}
