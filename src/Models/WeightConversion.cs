using System.Runtime.InteropServices;
using OrtDpo.Safetensors;

namespace OrtDpo.Models;

/// <summary>Weights as float32, whatever they are stored as.</summary>
public static unsafe class WeightConversion
{
    // A multiple of every vector's width; small enough for all threads to have a share.
    const int Chunk = 1 << 20;

    /// <summary>Writes the elements at <paramref name="source"/>, F32, F16 or BF16 at any address, to <paramref name="target"/>.</summary>
    /// <param name="source">The first byte.</param>
    /// <param name="entry">Type and count.</param>
    /// <param name="target">Room for as many <c>float32</c>.</param>
    public static void ToFloat32(nint source, TensorEntry entry, nint target)
    {
        for (var at = 0L; at < entry.Count; at += Chunk)
        {
            var count = (int)Math.Min(Chunk, entry.Count - at);
            var from = (void*)(source + (nint)(at * entry.Type.ByteSize()));
            var to = new Span<float>((float*)target + at, count);
            switch (entry.Type)
            {
                case WeightType.BF16:
                    FloatWidening.FromBFloat16(new ReadOnlySpan<ushort>(from, count), to);
                    break;
                case WeightType.F16:
                    FloatWidening.FromFloat16(new ReadOnlySpan<Half>(from, count), to);
                    break;
                default:
                    new ReadOnlySpan<byte>(from, count * sizeof(float)).CopyTo(MemoryMarshal.AsBytes(to));
                    break;
            }
        }
    }
}
