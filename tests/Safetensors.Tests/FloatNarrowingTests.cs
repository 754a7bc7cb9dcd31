using System.Runtime.InteropServices;

namespace OrtDpo.Safetensors.Tests;

/// <summary>Rounding to 16 bits, held against its definition at every value of either type.</summary>
public sealed class FloatNarrowingTests
{
    [Theory]
    [InlineData(WeightType.F16)]
    [InlineData(WeightType.BF16)]
    public void Every_16_bit_value_is_itself(WeightType type)
    {
        for (var bits = 0; bits <= ushort.MaxValue; bits++)
        {
            var value = Widen((ushort)bits, type);
            if (float.IsNaN(value))
            {
                Assert.True(float.IsNaN(Widen(Narrow(value, type), type)));
            }
            else
            {
                Assert.Equal((ushort)bits, Narrow(value, type));
            }
        }
    }

    /// <summary>
    /// Half way between two neighbours float32 has a value; it goes to the even one, and the next to either side to the nearer.
    /// </summary>
    [Theory]
    [InlineData(WeightType.F16)]
    [InlineData(WeightType.BF16)]
    public void What_lies_between_goes_to_the_nearest_and_ties_go_to_even(WeightType type)
    {
        for (var bits = 0; bits < ushort.MaxValue; bits++)
        {
            var (low, high) = (Widen((ushort)bits, type), Widen((ushort)(bits + 1), type));
            if (!float.IsFinite(low) || !float.IsFinite(high) || (low < 0) != (high < 0))
            {
                continue;
            }

            // In double: the sum is exact.
            var middle = (float)(((double)low + high) / 2);
            Assert.Equal((ushort)(bits % 2 == 0 ? bits : bits + 1), Narrow(middle, type));
            var (toLow, toHigh) = low < high ? (MathF.BitDecrement(middle), MathF.BitIncrement(middle))
                : (MathF.BitIncrement(middle), MathF.BitDecrement(middle));
            Assert.Equal((ushort)bits, Narrow(toLow, type));
            Assert.Equal((ushort)(bits + 1), Narrow(toHigh, type));
        }
    }

    // 65504 is the largest of float16, 65520 half way to what would follow; of bfloat16 2^128 (1 - 2^-8) and 2^128 (1 - 2^-9).
    [Theory]
    [InlineData(WeightType.F16, 65519.996f, 65520f, "float16 cannot hold. Choose bfloat16 or float32, which reach further.")]
    [InlineData(WeightType.F16, -65519.996f, -65520f, "float16 cannot hold. Choose bfloat16 or float32, which reach further.")]
    [InlineData(WeightType.BF16, 3.3961773E+38f, 3.3961775E+38f, "bfloat16 cannot hold. Choose float32, which reaches further.")]
    public void A_value_that_would_become_infinite_is_refused_by_name(WeightType type, float fits, float tooLarge, string message)
    {
        Assert.True(float.IsFinite(Widen(Narrow(fits, type), type)));
        var error = Assert.Throws<InvalidDataException>(() => Narrow(tooLarge, type));
        Assert.Equal(FormattableString.Invariant($"Tensor 'w' holds {tooLarge}, which {message}"), error.Message);
        Assert.Equal(float.PositiveInfinity, Widen(Narrow(float.PositiveInfinity, type), type));
    }

    [Theory]
    [InlineData(WeightType.F16)]
    [InlineData(WeightType.BF16)]
    public unsafe void A_file_has_what_its_header_says(WeightType type)
    {
        // More than a chunk, and no multiple of one.
        var values = Enumerable.Range(0, (1 << 20) + 77).Select(i => i / 1024f).ToArray();
        using var folder = new TemporaryFolder();
        fixed (float* p = values)
        {
            using var file = File.Create(folder.File("model.safetensors"));
            SafetensorsWriter.Write(
                file,
                [
                    new TensorSource("narrow", WeightType.F32, [values.Length], (nint)p) { SavedAs = type },
                    new TensorSource("wide", WeightType.F32, [3], (nint)p),
                ]);
        }

        using var read = SafetensorsFile.Open(folder.File("model.safetensors"));
        Assert.Equal((type, WeightType.F32), (read.Tensors["narrow"].Type, read.Tensors["wide"].Type));
        var stored = new ReadOnlySpan<ushort>((void*)read.Address(read.Tensors["narrow"]), values.Length);
        for (var i = 0; i < values.Length; i++)
        {
            Assert.Equal(Narrow(values[i], type), stored[i]);
        }
    }

    static ushort Narrow(float value, WeightType type)
    {
        Span<byte> bytes = stackalloc byte[2];
        FloatNarrowing.Narrow("w", [value], type, bytes);
        return MemoryMarshal.Read<ushort>(bytes);
    }

    static float Widen(ushort bits, WeightType type) => type == WeightType.F16
        ? (float)BitConverter.UInt16BitsToHalf(bits)
        : BitConverter.UInt32BitsToSingle((uint)bits << 16);
}
