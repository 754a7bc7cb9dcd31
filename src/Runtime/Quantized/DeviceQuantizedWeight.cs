using System.Runtime.InteropServices;
using OrtDpo.Autodiff.Building;
using OrtDpo.Models;
using OrtDpo.Models.Quantized;
using OrtDpo.Quantization;
using OrtDpo.Runtime.Memory;

namespace OrtDpo.Runtime.Quantized;

/// <summary>
/// A matrix in 4 bits in a device's memory: blocks of codes with a scale and, where the format has them, a zero point each. Scales that
/// bfloat16 has exactly lie there in 16 bits, as all do that this project chose.
/// </summary>
sealed class DeviceQuantizedWeight : IDisposable
{
    DeviceQuantizedWeight(QuantizedWeight weight, DeviceTensor codes, DeviceTensor scales, DeviceTensor? zeroPoints)
    {
        Weight = weight;
        Codes = codes;
        Scales = scales;
        ZeroPoints = zeroPoints;
    }

    /// <summary>What it was made from, on the host.</summary>
    public QuantizedWeight Weight { get; }

    /// <summary><c>uint8 [S · block / 2]</c>: two codes to a byte, S whole blocks.</summary>
    public DeviceTensor Codes { get; }

    /// <summary><c>[S]</c>: float32 or bfloat16.</summary>
    public DeviceTensor Scales { get; }

    /// <summary><c>uint8 [S]</c>; null without zero points.</summary>
    public DeviceTensor? ZeroPoints { get; }

    /// <summary>Copies a weight to the device of a pool; for a plan nothing is quantised.</summary>
    public static DeviceQuantizedWeight Of(QuantizedWeight weight, MemoryPool pool) =>
        Of(weight, [.. Parts(weight, pool.IsDry).Select(part => Upload(part, pool))]);

    /// <summary>A weight whose <see cref="Parts"/> lie in tensors, which it owns from then on.</summary>
    public static DeviceQuantizedWeight Of(QuantizedWeight weight, IReadOnlyList<DeviceTensor> parts) =>
        new(weight, parts[0], parts[1], parts.Count > 2 ? parts[2] : null);

    /// <summary>Codes, scales and, where the format has them, zero points.</summary>
    /// <param name="weight">The weight.</param>
    /// <param name="isPlanned">Whether nobody writes them: nothing is quantised for their sizes.</param>
    public static IReadOnlyList<HeldArray> Parts(QuantizedWeight weight, bool isPlanned)
    {
        var form = weight.Form;
        var blocks = weight.Layout.Scales.Aggregate(1L, (count, size) => count * size);
        var isNarrow = isPlanned ? form.Rounding == ScaleRounding.EightBits : !HasLowBits(weight.Matrix.Scales);
        var codes = new HeldArray(DataType.UInt8, [blocks * form.Block / 2], target => WriteCodes(weight, blocks * form.Block / 2, target));
        var scales = isNarrow
            ? new HeldArray(DataType.BFloat16, [blocks], target => Write<ushort>(UpperHalves(weight.Matrix.Scales), target))
            : new HeldArray(DataType.Float32, [blocks], target => Write(weight.Matrix.Scales, target));
        return form.Format == QuantizedFormat.Int4ZeroPoints
            ? [codes, scales, new HeldArray(DataType.UInt8, [blocks], target => Write<byte>(Unpacked(weight.Matrix), target))]
            : [codes, scales];
    }

    public void Dispose()
    {
        Codes.Dispose();
        Scales.Dispose();
        ZeroPoints?.Dispose();
    }

    static DeviceTensor Upload(HeldArray part, MemoryPool pool)
    {
        var tensor = DeviceTensor.Rent(pool, MemoryPurpose.WeightsQuantized, part.Type, part.Shape);
        if (!pool.IsDry)
        {
            using var block = NativeBlock.Allocate(part.Bytes);
            part.Write(block.Address);
            tensor.Write(block.Address);
        }

        return tensor;
    }

    // A last block that is not full is filled up.
    static unsafe void WriteCodes(QuantizedWeight weight, long bytes, nint target)
    {
        var codes = weight.Matrix.Codes.Span;
        Write(codes, target);
        NativeMemory.Clear((void*)(target + codes.Length), (nuint)(bytes - codes.Length));
    }

    static unsafe void Write<T>(ReadOnlySpan<T> numbers, nint target)
        where T : unmanaged =>
        numbers.CopyTo(new Span<T>((void*)target, numbers.Length));

    static ushort[] UpperHalves(ReadOnlySpan<float> scales)
    {
        var bits = MemoryMarshal.Cast<float, uint>(scales);
        var upper = new ushort[bits.Length];
        for (var i = 0; i < upper.Length; i++)
        {
            upper[i] = (ushort)(bits[i] >> 16);
        }

        return upper;
    }

    static bool HasLowBits(ReadOnlySpan<float> scales)
    {
        foreach (var bits in MemoryMarshal.Cast<float, uint>(scales))
        {
            if ((bits & 0xFFFF) != 0)
            {
                return true;
            }
        }

        return false;
    }

    // One byte for each block.
    static byte[] Unpacked(QuantizedMatrix matrix)
    {
        var (rows, perRow) = ((int)matrix.Layout.Scales[0], (int)matrix.Layout.Scales[1]);
        var packed = matrix.ZeroPoints.Span;
        var result = new byte[rows * perRow];
        for (var row = 0; row < rows; row++)
        {
            for (var block = 0; block < perRow; block++)
            {
                var pair = packed[(row * ((perRow + 1) / 2)) + (block / 2)];
                result[(row * perRow) + block] = (byte)(block % 2 == 0 ? pair & 15 : pair >> 4);
            }
        }

        return result;
    }
}
