using OrtDpo.Autodiff.Building;
using OrtDpo.Models;
using OrtDpo.Models.Decoders;
using OrtDpo.Runtime.Memory;
using OrtDpo.Safetensors;

namespace OrtDpo.Runtime.Models;

/// <summary>A model's parameters where sessions read them: float32, mapped or converted once, by their Hugging Face names.</summary>
public sealed class ModelParameters : IDisposable
{
    readonly ModelFolder folder;
    readonly WeightStore weights;
    readonly Dictionary<string, NativeTensor> tensors;

    ModelParameters(ModelFolder folder)
    {
        this.folder = folder;
        weights = new WeightStore(folder);
        tensors = weights.Tensors.ToDictionary(
            t => t.Name, t => NativeTensor.View(t.Address, DataType.Float32, t.Shape), StringComparer.Ordinal);
        Tables = Model.Tables().ToDictionary(t => t.Name, Table, StringComparer.Ordinal);
    }

    public DecoderModel Model => folder.Model;

    public string Path => folder.Path;

    /// <summary>Names in the order of the forward pass.</summary>
    public IReadOnlyList<string> Names => folder.Parameters;

    public NativeTensor this[string name] => tensors[name];

    /// <summary>The fragments' inputs that follow from the configuration, by name.</summary>
    public IReadOnlyDictionary<string, NativeTensor> Tables { get; }

    /// <summary>Opens a model folder: read-only to score, copy-on-write to train.</summary>
    public static ModelParameters Open(string path, WeightMapping mapping) => new(ModelFolder.Open(path, mapping));

    public void Dispose()
    {
        foreach (var tensor in tensors.Values)
        {
            tensor.Dispose();
        }

        Tables.DisposeAll();
        weights.Dispose();
        folder.Dispose();
    }

    static NativeTensor Table(ModelTable table)
    {
        var tensor = NativeTensor.Zeros(DataType.Float32, table.Shape.Evaluate(new Dictionary<string, long>()));
        var span = tensor.Span<float>();
        for (var i = 0; i < span.Length; i++)
        {
            span[i] = (float)table.Values[i];
        }

        return tensor;
    }
}
