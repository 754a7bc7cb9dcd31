using System.Numerics.Tensors;
using OrtDpo.Runtime.Memory;

namespace OrtDpo.Runtime.Rows;

/// <summary>
/// Adds rows in the host's memory, in the order in which they stand. ONNX Runtime's CPU scatter adds them in parallel without a lock and
/// loses updates (docs/gradients.md).
/// </summary>
sealed class HostRowAdder : RowAdder
{
    /// <exception cref="ArgumentOutOfRangeException">An index is outside the matrix.</exception>
    public override void Add(DeviceTensor target, DeviceTensor indices, DeviceTensor rows, MemoryPool pool)
    {
        if (!pool.IsDry)
        {
            Add((HostTensor)target, (HostTensor)indices, (HostTensor)rows);
        }
    }

    public override void Dispose()
    {
    }

    static unsafe void Add(HostTensor target, HostTensor indices, HostTensor rows)
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
