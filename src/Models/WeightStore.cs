using OrtDpo.Safetensors;

namespace OrtDpo.Models;

/// <summary>
/// Every parameter of a model folder as float32: F32 weights where they are mapped (writable exactly if the folder is mapped
/// copy-on-write), 16-bit weights converted once into native memory. The folder must outlive the store.
/// </summary>
public sealed class WeightStore : IDisposable
{
    readonly List<NativeBlock> converted = [];
    readonly Dictionary<string, WeightTensor> tensors = [];

    public WeightStore(ModelFolder folder)
    {
        Folder = folder;
        foreach (var name in folder.Parameters)
        {
            var entry = folder.Find(name)!;
            var pointer = folder.Address(name);
            var isUsableInPlace = entry.Type == WeightType.F32 && pointer % sizeof(float) == 0;
            tensors.Add(name, new WeightTensor(name, isUsableInPlace ? pointer : Convert(pointer, entry), entry.Shape));
        }
    }

    public ModelFolder Folder { get; }

    /// <summary>The parameters in the order of the forward pass.</summary>
    public IEnumerable<WeightTensor> Tensors => Folder.Parameters.Select(name => tensors[name]);

    /// <summary>The parameter of that name.</summary>
    /// <exception cref="KeyNotFoundException">The model has no such parameter.</exception>
    public WeightTensor this[string name] => tensors[name];

    public void Dispose()
    {
        foreach (var block in converted)
        {
            block.Dispose();
        }
    }

    nint Convert(nint source, TensorEntry entry)
    {
        var block = NativeBlock.Allocate(entry.Count * sizeof(float));
        converted.Add(block);
        WeightConversion.ToFloat32(source, entry, block.Address);
        return block.Address;
    }
}
