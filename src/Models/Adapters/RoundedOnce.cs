using System.Runtime.InteropServices;
using OrtDpo.Safetensors;

namespace OrtDpo.Models.Adapters;

/// <summary>float64 to the types of weights, in one rounding: to the nearest value, of two that are as near to the even one.</summary>
static class RoundedOnce
{
    /// <summary>The bytes of numbers, little-endian.</summary>
    /// <param name="name">The tensor's name, for the message.</param>
    /// <param name="numbers">The numbers.</param>
    /// <param name="type">F32, F16 or BF16.</param>
    /// <exception cref="InvalidDataException">A finite number is beyond the type's largest.</exception>
    public static byte[] To(string name, double[] numbers, WeightType type)
    {
        if (numbers.Any(number => double.IsFinite(number) && !float.IsFinite((float)number)))
        {
            throw new InvalidDataException($"Tensor '{name}' holds a number that {type.ConfigName()} cannot hold. Its scale is too large.");
        }

        if (type == WeightType.F32)
        {
            return MemoryMarshal.AsBytes<float>(Array.ConvertAll(numbers, number => (float)number)).ToArray();
        }

        var bytes = new byte[numbers.Length * type.ByteSize()];
        FloatNarrowing.Narrow(name, Array.ConvertAll(numbers, ToOdd), type, bytes);
        return bytes;
    }

    // To float32 toward zero, and the last bit set where anything was lost: 24 bits of this kind round to 11 or 8 as the number itself does
    // (Boldo and Melquiond, "Emulation of FMA and correctly rounded sums", 2008).
    static float ToOdd(double number)
    {
        var nearest = (float)number;
        if (nearest == number || !float.IsFinite(nearest))
        {
            return nearest;
        }

        var bits = BitConverter.SingleToUInt32Bits(nearest);
        return BitConverter.UInt32BitsToSingle((Math.Abs((double)nearest) > Math.Abs(number) ? bits - 1 : bits) | 1);
    }
}
