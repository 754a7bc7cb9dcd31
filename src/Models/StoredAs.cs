using OrtDpo.Models.Quantized;
using OrtDpo.Safetensors;

namespace OrtDpo.Models;

/// <summary>A model's own weights in one type, rounded once where they are not in it: what an export stores.</summary>
public static unsafe class StoredAs
{
    const int Chunk = 1 << 20;

    /// <summary>Puts the weights in the type, in memory.</summary>
    /// <param name="folder">A model that is mapped to be read; an adapter on it stays as it is.</param>
    /// <param name="type">F32, F16 or BF16.</param>
    /// <param name="keepsQuantized">
    /// Whether weights that are in 4 bits stay so; otherwise they become what they stand for first.
    /// </param>
    /// <param name="except">Weights that stay as they are; null: none.</param>
    /// <exception cref="InvalidDataException">A number is too large for the type; the message names the tensor.</exception>
    public static void Put(ModelFolder folder, WeightType type, bool keepsQuantized = false, IEnumerable<string>? except = null)
    {
        if (!keepsQuantized)
        {
            QuantizedBase.Dequantise(folder);
        }

        foreach (var name in folder.BaseParameters.Except(except ?? []))
        {
            var entry = folder.Find(name)!;
            if (entry.Type == type || folder.Quantized?.Find(name) is not null)
            {
                continue;
            }

            var block = NativeBlock.Allocate(entry.Count * type.ByteSize());
            if (type == WeightType.F32)
            {
                WeightConversion.ToFloat32(folder.Address(name), entry, block.Address);
            }
            else
            {
                Round(folder, name, type, block);
            }

            folder.Release(name);
            folder.Replace(name, block, entry with { Type = type, ByteCount = entry.Count * type.ByteSize() });
        }
    }

    static void Round(ModelFolder folder, string name, WeightType type, NativeBlock block)
    {
        var (entry, address) = (folder.Find(name)!, folder.Address(name));
        var values = new float[Math.Min(Chunk, entry.Count)];
        fixed (float* target = values)
        {
            for (var at = 0L; at < entry.Count; at += Chunk)
            {
                var count = (int)Math.Min(Chunk, entry.Count - at);
                var part = entry with { ByteCount = (long)count * entry.Type.ByteSize() };
                WeightConversion.ToFloat32(address + (nint)(at * entry.Type.ByteSize()), part, (nint)target);
                FloatNarrowing.Narrow(
                    name, values.AsSpan(0, count), type,
                    new Span<byte>((byte*)block.Address + (at * type.ByteSize()), count * type.ByteSize()));
            }
        }
    }
}
