using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace OrtDpo.Quantization;

/// <summary>A matrix [rows, columns] in memory that is to be quantised.</summary>
/// <param name="Name">The tensor's name, for messages.</param>
/// <param name="Address">The first element; must stay where it is while the matrix is used.</param>
/// <param name="Type">The element type.</param>
/// <param name="Rows">N, the outputs of a linear layer.</param>
/// <param name="Columns">K, its inputs.</param>
/// <param name="IsTransposed">Whether the memory is row-major [columns, rows], as GPT-2's layers have their weights.</param>
public readonly record struct SourceMatrix(
    string Name, nint Address, SourceType Type, int Rows, int Columns, bool IsTransposed = false)
{
    internal long Count => (long)Rows * Columns;

    /// <summary>Elements as float32: those in memory, or their widened copy in <paramref name="buffer"/>.</summary>
    /// <param name="first">The first, counted over the flattened matrix.</param>
    /// <param name="count">How many.</param>
    /// <param name="buffer">Room for them; unused for float32 that is not transposed.</param>
    internal unsafe ReadOnlySpan<float> Read(long first, int count, Span<float> buffer)
    {
        if (IsTransposed)
        {
            for (var i = 0; i < count; i++)
            {
                buffer[i] = At(Place(first + i));
            }

            return buffer[..count];
        }

        if (Type == SourceType.Float32)
        {
            return new ReadOnlySpan<float>((float*)Address + first, count);
        }

        var narrow = new ReadOnlySpan<ushort>((ushort*)Address + first, count);
        var wide = buffer[..count];
        if (Type == SourceType.Float16)
        {
            TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<ushort, Half>(narrow), wide);
            return wide;
        }

        // bfloat16 is the upper half of a float32.
        var bits = MemoryMarshal.Cast<float, uint>(wide);
        for (var i = 0; i < narrow.Length; i++)
        {
            bits[i] = (uint)narrow[i] << 16;
        }

        return wide;
    }

    /// <summary>Room for <see cref="Read"/>; none for float32 that is read where it lies.</summary>
    internal float[] Buffer(int count) => Type == SourceType.Float32 && !IsTransposed ? [] : new float[count];

    /// <summary>The refusal of the element at <paramref name="index"/>, which a quantiser cannot take.</summary>
    internal InvalidDataException Fault(long index)
    {
        Span<float> buffer = stackalloc float[1];
        var value = Read(index, 1, buffer)[0];
        var (place, width) = IsTransposed ? (Place(index), Rows) : (index, Columns);
        var remedy = float.IsFinite(value)
            ? $"which needs a larger scale than {BlockScale.Largest}, the largest that float16 and bfloat16 both hold. "
              + "Leave this tensor as it is, or keep its scales unrounded."
            : "Only finite weights can be quantized. Get the file again, or correct the model.";
        return new InvalidDataException(FormattableString.Invariant(
            $"Tensor '{Name}' holds {value} at row {place / width}, column {place % width} (index {place})")
            + (float.IsFinite(value) ? ", " : ". ") + remedy);
    }

    // Where an element of the flattened [rows, columns] lies in memory that is [columns, rows].
    long Place(long index) => (index % Columns * Rows) + (index / Columns);

    unsafe float At(long place) => Type switch
    {
        SourceType.Float32 => ((float*)Address)[place],
        SourceType.Float16 => (float)((Half*)Address)[place],
        _ => BitConverter.UInt32BitsToSingle((uint)((ushort*)Address)[place] << 16),
    };
}
