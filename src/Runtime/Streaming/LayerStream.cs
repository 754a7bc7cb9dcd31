using OrtDpo.Autodiff.Building;
using OrtDpo.Models;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Models;
using OrtDpo.Runtime.Quantized;

namespace OrtDpo.Runtime.Streaming;

/// <summary>
/// Frozen weights of layers that lie in the host's memory and pass through two slots of the device's: while a layer runs out of one, the
/// next is copied into the other. A slot is not overwritten before the device is past the layer's last graph, and no graph begins before
/// its layer is there; the host waits for neither.
/// </summary>
sealed class LayerStream : IDisposable
{
    const int Slots = 2;

    readonly StreamedLayer[] layers;
    readonly Dictionary<string, int> layerOf;
    readonly DeviceTensor[] slots;
    readonly LayerView?[,] views;
    // The layer that each slot has, or will have by what was asked.
    readonly int[] held = [.. Enumerable.Repeat(-1, Slots)];
    // Null where nothing is copied: in plans.
    readonly CopyStream? copies;
    // Of each slot: behind the graphs of the layer that was there last, and behind the copy of the one that is.
    readonly nint[] passed = new nint[Slots];
    readonly nint[] filled = new nint[Slots];
    // The slot of the layer that runs, or ran last.
    int current = Slots - 1;
    bool isEntered;

    /// <param name="folder">The model; what is in 4 bits is quantised.</param>
    /// <param name="types">The types of its parameters.</param>
    /// <param name="pool">Where the slots lie.</param>
    /// <exception cref="NotSupportedException">No layer has weights that could stream; the message says why.</exception>
    /// <exception cref="InsufficientMemoryException">The machine gives no more memory to copy from.</exception>
    public LayerStream(ModelFolder folder, ParameterTypes types, MemoryPool pool)
    {
        if (WhyNot(folder) is { } reason)
        {
            throw new NotSupportedException(reason);
        }

        layers = [.. NamesOf(folder).Select(names => new StreamedLayer(folder, names, types, pool))];
        layerOf = layers.Index().SelectMany(l => l.Item.Names.Select(name => (name, l.Index)))
            .ToDictionary(n => n.name, n => n.Index, StringComparer.Ordinal);
        var bytes = layers.Max(layer => layer.Bytes);
        slots = [.. Enumerable.Range(0, Slots).Select(
            _ => DeviceTensor.Rent(pool, MemoryPurpose.StreamSlots, DataType.UInt8, bytes))];
        views = new LayerView?[Slots, layers.Length];
        pool.ChargeBeside(MemoryPurpose.WeightsPinned, layers.Sum(layer => layer.Bytes));
        if (pool.IsDry)
        {
            return;
        }

        try
        {
            copies = pool.Device.OpenCopyStream();
            foreach (var layer in layers)
            {
                layer.Pin(pool.Device);
            }

            for (var slot = 0; slot < Slots; slot++)
            {
                filled[slot] = copies.CreateMark();
                passed[slot] = copies.CreateMark();
                // What the device was asked to do with the slot's memory when it was another's.
                copies.MarkDevice(passed[slot]);
            }
        }
        catch
        {
            // What was pinned before memory came to its end is gigabytes that the machine lacks.
            Dispose();
            throw;
        }
    }

    /// <summary>Why no weights of a model's layers can stream, in sentences; null where some can.</summary>
    public static string? WhyNot(ModelFolder folder) =>
        Obstacle(folder) is (var reason, var remedy) ? $"`Stream` is on, and {reason}. Leave `Stream` out{remedy}." : null;

    /// <summary>Why, as a clause, and what would help beside keeping them on the device; null where some can stream.</summary>
    public static (string Reason, string Remedy)? Obstacle(ModelFolder folder) => folder.Model.Layers().Count == 0
        ? ($"{folder.Path} is an ONNX model: one graph, no part of which is a layer", "")
        : NamesOf(folder).All(names => names.Count == 0)
            ? ($"all weights of the layers of {folder.Path} train, which they do on the device", ", or train an adapter (`Lora`)")
            : null;

    /// <summary>Whether a parameter is among them.</summary>
    public bool Has(string name) => layerOf.ContainsKey(name);

    /// <summary>A weight of the layer that runs.</summary>
    public DeviceTensor Tensor(string name) => View(name).Tensors[name];

    /// <summary>A weight in 4 bits of the layer that runs.</summary>
    public DeviceQuantizedWeight Quantized(string name) => View(name).Quantized[name];

    /// <summary>
    /// Has a layer's weights on the device for all that it is asked next, until the result is disposed: when the device was asked for all
    /// that the layer is for, this time.
    /// </summary>
    /// <param name="layer">The layer.</param>
    /// <param name="next">The one that will be asked for after it, which is copied in the meantime; null: nobody knows.</param>
    public IDisposable Enter(int layer, int? next)
    {
        current = Load(layer);
        isEntered = true;
        copies?.DeviceAwaits(filled[current]);
        if (next is { } following)
        {
            Load(following);
        }

        return new Stay(this);
    }

    public void Dispose()
    {
        // Copies may be under way to the slots, which the pool hands to others.
        copies?.Dispose();
        foreach (var view in views)
        {
            view?.Dispose();
        }

        foreach (var slot in slots)
        {
            slot.Dispose();
        }

        foreach (var layer in layers)
        {
            layer.Dispose();
        }
    }

    // Frozen, and read by that layer alone.
    static List<List<string>> NamesOf(ModelFolder folder)
    {
        var model = folder.Model;
        var fragments = model.Layers().Append(model.Embed()).Append(model.Head()).Select(f => f.ParameterNames.Values.Distinct()).ToList();
        var readers = fragments.SelectMany(names => names).CountBy(name => name, StringComparer.Ordinal)
            .ToDictionary(StringComparer.Ordinal);
        return [.. fragments[..^2].Select(names => names.Where(name => readers[name] == 1 && !folder.Trains(name)).ToList())];
    }

    int Load(int layer)
    {
        var slot = Array.IndexOf(held, layer);
        if (slot >= 0)
        {
            return slot;
        }

        // The one that was entered longer ago.
        slot = (current + 1) % Slots;
        held[slot] = layer;
        if (copies is not null)
        {
            copies.AwaitDevice(passed[slot]);
            copies.Copy(layers[layer].Address, slots[slot].Address, layers[layer].Bytes);
            copies.MarkCopies(filled[slot]);
        }

        return slot;
    }

    void Leave()
    {
        isEntered = false;
        copies?.MarkDevice(passed[current]);
    }

    LayerView View(string name)
    {
        var layer = layerOf[name];
        return isEntered && held[current] == layer
            ? views[current, layer] ??= layers[layer].In(slots[current])
            : throw new InvalidOperationException($"'{name}' is of layer {layer}, which was not entered: it is not on the device.");
    }

    sealed class Stay(LayerStream stream) : IDisposable
    {
        public void Dispose() => stream.Leave();
    }
}
