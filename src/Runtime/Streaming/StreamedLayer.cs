using OrtDpo.Models;
using OrtDpo.Models.Quantized;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Models;
using OrtDpo.Runtime.Quantized;

namespace OrtDpo.Runtime.Streaming;

/// <summary>
/// The frozen weights of a layer in one block of pinned memory, as a slot of the device's has them: one copy brings them up.
/// </summary>
sealed class StreamedLayer : IDisposable
{
    readonly List<(string Name, HeldArray Array, long Offset)> tensors = [];
    readonly List<(QuantizedWeight Weight, List<(HeldArray Array, long Offset)> Parts)> quantized = [];
    readonly long alignment;
    PinnedMemory? memory;

    /// <param name="folder">The model.</param>
    /// <param name="names">The layer's parameters that stream.</param>
    /// <param name="types">The types that they are held in.</param>
    /// <param name="pool">On whose device they are read.</param>
    public StreamedLayer(ModelFolder folder, IReadOnlyList<string> names, ParameterTypes types, MemoryPool pool)
    {
        alignment = pool.Device.Alignment;
        foreach (var name in names)
        {
            if (folder.Quantized?.Find(name) is { } weight)
            {
                quantized.Add((weight, [.. DeviceQuantizedWeight.Parts(weight, pool.IsDry).Select(part => (part, Place(part)))]));
                continue;
            }

            var (entry, type) = (folder.Find(name)!, types.Held(name));
            var array = new HeldArray(type, entry.Shape, target =>
            {
                StoredTensor.Convert(folder.Address(name), entry, type, target);
                folder.Release(name);
            });
            tensors.Add((name, array, Place(array)));
        }
    }

    /// <summary>Bytes of the block.</summary>
    public long Bytes { get; private set; }

    /// <summary>The block's first byte, once it is there.</summary>
    public nint Address => memory!.Address;

    /// <summary>The parameters in it.</summary>
    public IEnumerable<string> Names => tensors.Select(t => t.Name).Concat(quantized.Select(q => q.Weight.Name));

    /// <summary>Takes the block, and writes the weights to it.</summary>
    public void Pin(Device device)
    {
        memory = device.Pin(Bytes);
        foreach (var (array, offset) in tensors.Select(t => (t.Array, t.Offset)).Concat(quantized.SelectMany(q => q.Parts)))
        {
            array.Write(memory.Address + (nint)offset);
        }
    }

    /// <summary>The weights in a slot that has, or will have, a copy of the block.</summary>
    public LayerView In(DeviceTensor slot) => new(
        tensors.ToDictionary(t => t.Name, t => slot.Cut(t.Offset, t.Array.Type, t.Array.Shape), StringComparer.Ordinal),
        quantized.ToDictionary(
            q => q.Weight.Name,
            q => DeviceQuantizedWeight.Of(
                q.Weight, [.. q.Parts.Select(part => slot.Cut(part.Offset, part.Array.Type, part.Array.Shape))]),
            StringComparer.Ordinal));

    public void Dispose() => memory?.Dispose();

    long Place(HeldArray array)
    {
        var offset = Bytes;
        Bytes += (array.Bytes + alignment - 1) / alignment * alignment;
        return offset;
    }
}
