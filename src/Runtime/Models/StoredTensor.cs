using System.Buffers;
using OrtDpo.Autodiff.Building;
using OrtDpo.Models;
using OrtDpo.Runtime.Memory;
using OrtDpo.Safetensors;

namespace OrtDpo.Runtime.Models;

/// <summary>Writes tensors of files to where they are held. Numbers change their type on the host.</summary>
static unsafe class StoredTensor
{
    // Elements that exist once more on the host while a tensor goes to another device.
    const int Part = 4 << 20;

    // Elements that are float32 in between.
    const int Chunk = 1 << 16;

    /// <summary>The type of elements that a file has.</summary>
    public static DataType TypeOf(TensorEntry entry) => entry.Type switch
    {
        WeightType.BF16 => DataType.BFloat16,
        WeightType.F16 => DataType.Float16,
        _ => DataType.Float32,
    };

    /// <summary>Writes a stored tensor to one of as many elements, a part at a time where that lies on another device.</summary>
    /// <param name="source">The stored tensor's first byte.</param>
    /// <param name="entry">Its type and count.</param>
    /// <param name="target">Of the stored type, float32, or bfloat16.</param>
    /// <exception cref="InvalidDataException">A finite number is beyond bfloat16's largest.</exception>
    public static void Write(nint source, TensorEntry entry, DeviceTensor target)
    {
        if (target is HostTensor host)
        {
            Convert(source, entry, host.Type, host.Pointer);
            return;
        }

        if (target.Type == TypeOf(entry))
        {
            target.Write(source);
            return;
        }

        using var part = NativeBlock.Allocate(Math.Min(Part, target.Elements) * target.Type.Size());
        foreach (var (start, count) in Slices.Of(target.Elements, Part))
        {
            Convert(source + (nint)(start * entry.Type.ByteSize()), Of(entry, count), target.Type, part.Address);
            using var slice = target.Flat(start, count);
            slice.Write(part.Address);
        }
    }

    /// <summary>Writes a stored tensor to memory of the host's.</summary>
    /// <param name="source">The stored tensor's first byte.</param>
    /// <param name="entry">Its type and count.</param>
    /// <param name="type">The stored type, float32, or bfloat16.</param>
    /// <param name="target">Room for as many elements of that type.</param>
    /// <exception cref="InvalidDataException">A finite number is beyond bfloat16's largest.</exception>
    public static void Convert(nint source, TensorEntry entry, DataType type, nint target)
    {
        if (type == TypeOf(entry))
        {
            Buffer.MemoryCopy((void*)source, (void*)target, entry.ByteCount, entry.ByteCount);
            return;
        }

        if (type == DataType.Float32)
        {
            WeightConversion.ToFloat32(source, entry, target);
            return;
        }

        var wide = ArrayPool<float>.Shared.Rent((int)Math.Min(Chunk, entry.Count));
        fixed (float* chunk = wide)
        {
            foreach (var (start, count) in Slices.Of(entry.Count, Chunk))
            {
                WeightConversion.ToFloat32(source + (nint)(start * entry.Type.ByteSize()), Of(entry, count), (nint)chunk);
                FloatNarrowing.Narrow(
                    entry.Name, wide.AsSpan(0, (int)count), WeightType.BF16,
                    new Span<byte>((void*)(target + (nint)(start * sizeof(ushort))), (int)count * sizeof(ushort)));
            }
        }

        ArrayPool<float>.Shared.Return(wide);
    }

    static TensorEntry Of(TensorEntry entry, long count) => entry with { ByteCount = count * entry.Type.ByteSize() };
}
