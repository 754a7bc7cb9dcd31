using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace OrtDpo.Safetensors;

/// <summary>16-bit floating point to float32. Every 16-bit value has an exact float32.</summary>
public static class FloatWidening
{
    /// <summary>Widens IEEE half-precision values.</summary>
    public static void FromFloat16(ReadOnlySpan<Half> source, Span<float> destination) =>
        TensorPrimitives.ConvertToSingle(source, destination);

    /// <summary>Widens bfloat16 values: the upper half of a float32.</summary>
    public static void FromBFloat16(ReadOnlySpan<ushort> source, Span<float> destination)
    {
        var bits = MemoryMarshal.Cast<float, uint>(destination)[..source.Length];
        var i = 0;
        for (; i <= source.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector.Widen(new Vector<ushort>(source[i..]), out var low, out var high);
            (low << 16).CopyTo(bits[i..]);
            (high << 16).CopyTo(bits[(i + Vector<uint>.Count)..]);
        }

        for (; i < source.Length; i++)
        {
            bits[i] = (uint)source[i] << 16;
        }
    }
}
