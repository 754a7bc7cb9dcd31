using OrtDpo.Autodiff.Building;
using OrtDpo.Runtime.Memory;

namespace OrtDpo.Runtime.Generation;

/// <summary>
/// Keys and values of a text's tokens, <c>float32 [1, groups, length, D]</c> for each layer. A layer writes those of more tokens into a
/// block that no layer holds, and its old one serves the next layer: one block more than layers is all that it takes.
/// </summary>
/// <param name="layers">Groups and D of each layer.</param>
/// <param name="pool">Where the blocks lie.</param>
sealed class KeyValueCache(IReadOnlyList<(long Groups, long Size)> layers, MemoryPool pool) : IDisposable
{
    // Keys and values of each layer; the last are free.
    readonly (DeviceTensor Keys, DeviceTensor Values)[] blocks = new (DeviceTensor, DeviceTensor)[layers.Count + 1];

    /// <summary>Tokens that there is room for.</summary>
    public int Capacity { get; private set; }

    /// <summary>Tokens whose keys and values it holds.</summary>
    public int Length { get; private set; }

    /// <summary>Makes room; what it holds stays.</summary>
    public void Reserve(int capacity)
    {
        if (capacity <= Capacity)
        {
            return;
        }

        var width = layers.Max(layer => layer.Groups * layer.Size);
        for (var i = 0; i < blocks.Length; i++)
        {
            var old = blocks[i];
            blocks[i] = (Rent(), Rent());
            if (Length > 0 && i < layers.Count)
            {
                Copy(old.Keys, blocks[i].Keys, 0, 0, Length * layers[i].Groups * layers[i].Size);
                Copy(old.Values, blocks[i].Values, 0, 0, Length * layers[i].Groups * layers[i].Size);
            }

            old.Keys?.Dispose();
            old.Values?.Dispose();
        }

        Capacity = capacity;

        DeviceTensor Rent() => DeviceTensor.Rent(pool, MemoryPurpose.KeysAndValues, DataType.Float32, capacity * width);
    }

    /// <summary>What a layer holds; the caller disposes both views.</summary>
    public (DeviceTensor Keys, DeviceTensor Values) Past(int layer) => Views(layer, layer, Length);

    /// <summary>Where a layer writes what it holds with <paramref name="count"/> tokens more; the caller disposes both views.</summary>
    public (DeviceTensor Keys, DeviceTensor Values) Next(int layer, int count) => Views(layers.Count, layer, Length + count);

    /// <summary>A layer has written: it holds that from now on.</summary>
    public void Take(int layer) => (blocks[layer], blocks[^1]) = (blocks[^1], blocks[layer]);

    /// <summary>All layers have written those of <paramref name="count"/> tokens more.</summary>
    public void Add(int count) => Length += count;

    /// <summary>Keeps the first tokens alone.</summary>
    public void Truncate(int length)
    {
        for (var i = 0; i < layers.Count && length > 0 && length < Length; i++)
        {
            var (groups, size) = layers[i];
            for (var group = 0L; group < groups; group++)
            {
                Copy(blocks[i].Keys, blocks[^1].Keys, group * Length * size, group * length * size, length * size);
                Copy(blocks[i].Values, blocks[^1].Values, group * Length * size, group * length * size, length * size);
            }

            Take(i);
        }

        Length = length;
    }

    public void Dispose()
    {
        foreach (var (keys, values) in blocks)
        {
            keys?.Dispose();
            values?.Dispose();
        }
    }

    (DeviceTensor Keys, DeviceTensor Values) Views(int block, int layer, int length)
    {
        var (groups, size) = layers[layer];
        return (blocks[block].Keys.Flat(0, 1, groups, length, size), blocks[block].Values.Flat(0, 1, groups, length, size));
    }

    static void Copy(DeviceTensor source, DeviceTensor target, long from, long to, long count)
    {
        using var read = source.Flat(from, count);
        using var written = target.Flat(to, count);
        read.CopyTo(written);
    }
}
