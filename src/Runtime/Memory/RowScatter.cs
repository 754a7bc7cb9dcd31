using System.Numerics.Tensors;

namespace OrtDpo.Runtime.Memory;

/// <summary>
/// Adds rows into a matrix where row numbers repeat, one after the other. ONNX Runtime's CPU scatter adds them in parallel without a lock
/// and loses updates (docs/gradients.md).
/// </summary>
public static class RowScatter
{
    /// <summary><c>target[indices[i]] += rows[i]</c>, in the order of i.</summary>
    /// <param name="target"><c>float32 [N, H]</c>, or <c>[…, H]</c> with N rows in all.</param>
    /// <param name="indices"><c>int64 [M]</c>.</param>
    /// <param name="rows"><c>float32 [M, H]</c>.</param>
    /// <exception cref="ArgumentOutOfRangeException">An index is outside the matrix.</exception>
    public static unsafe void Add(NativeTensor target, NativeTensor indices, NativeTensor rows)
    {
        var width = (int)rows.Shape[^1];
        var count = target.Elements / width;
        var numbers = indices.Span<long>();
        for (var i = 0; i < numbers.Length; i++)
        {
            var number = numbers[i];
            if (number < 0 || number >= count)
            {
                throw new ArgumentOutOfRangeException(nameof(indices), number, $"Row {number} is outside the matrix of {count} rows.");
            }

            // Pointers, because a matrix may have more elements than a span can hold.
            var to = new Span<float>((float*)target.Pointer + (number * width), width);
            var from = new ReadOnlySpan<float>((float*)rows.Pointer + ((long)i * width), width);
            TensorPrimitives.Add(to, from, to);
        }
    }
}
