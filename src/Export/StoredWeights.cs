using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Onnx;
using OrtDpo.Models;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Models;
using OrtDpo.Safetensors;

namespace OrtDpo.Export;

/// <summary>A policy's weights as an export stores them: the float32 ones themselves, or rounded to 16 bits once.</summary>
sealed unsafe class StoredWeights : IDisposable
{
    const int Chunk = 1 << 26;

    readonly List<NativeBlock> narrowed = [];

    /// <summary>Rounds, if need be.</summary>
    /// <param name="policy">The weights; they must be writable where they are rounded, and then hold what is stored.</param>
    /// <param name="type">F32, F16 or BF16.</param>
    /// <exception cref="InvalidDataException">A value is too large for the type; the message names it.</exception>
    public StoredWeights(ModelParameters policy, WeightType type)
    {
        Initializers = [.. policy.Names.Select(name => type == WeightType.F32
            ? new Initializer(name, DataType.Float32, policy[name].Shape, ((HostTensor)policy[name]).Pointer)
            : new Initializer(
                name, type == WeightType.F16 ? DataType.Float16 : DataType.BFloat16, policy[name].Shape, Round(policy, name, type)))];
    }

    /// <summary>The weights in the order of the forward pass; valid until this is disposed.</summary>
    public IReadOnlyList<Initializer> Initializers { get; }

    public void Dispose() => narrowed.ForEach(block => block.Dispose());

    nint Round(ModelParameters policy, string name, WeightType type)
    {
        var source = (float*)((HostTensor)policy[name]).Pointer;
        var count = policy[name].Elements;
        var block = NativeBlock.Allocate(count * type.ByteSize());
        narrowed.Add(block);
        for (var at = 0L; at < count; at += Chunk)
        {
            var values = new Span<float>(source + at, (int)Math.Min(Chunk, count - at));
            var stored = (byte*)block.Address + (at * type.ByteSize());
            FloatNarrowing.Narrow(name, values, type, new Span<byte>(stored, values.Length * type.ByteSize()));
            if (type == WeightType.F16)
            {
                FloatWidening.FromFloat16(new ReadOnlySpan<Half>(stored, values.Length), values);
            }
            else
            {
                FloatWidening.FromBFloat16(new ReadOnlySpan<ushort>(stored, values.Length), values);
            }
        }

        return block.Address;
    }
}
