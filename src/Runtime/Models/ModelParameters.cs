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
    readonly bool ownsFolder;
    readonly WeightStore weights;
    readonly Dictionary<string, NativeTensor> tensors;

    ModelParameters(ModelFolder folder, bool ownsFolder)
    {
        this.folder = folder;
        this.ownsFolder = ownsFolder;
        weights = new WeightStore(folder);
        tensors = weights.Tensors.ToDictionary(
            t => t.Name, t => NativeTensor.View(t.Address, DataType.Float32, t.Shape), StringComparer.Ordinal);
        Tables = Model.Tables().ToDictionary(t => t.Name, Table, StringComparer.Ordinal);
    }

    /// <summary>The model that they are of.</summary>
    public DecoderModel Model => folder.Model;

    /// <summary>Whether sessions may change them.</summary>
    public WeightMapping Mapping => folder.Mapping;

    public string Path => folder.Path;

    /// <summary>Names in the order of the forward pass.</summary>
    public IReadOnlyList<string> Names => folder.Parameters;

    public NativeTensor this[string name] => tensors[name];

    /// <summary>The fragments' inputs that follow from the configuration, by name.</summary>
    public IReadOnlyDictionary<string, NativeTensor> Tables { get; }

    /// <summary>Opens a model folder: read-only to score, copy-on-write to train.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="mapping">Whether sessions may change its weights.</param>
    /// <param name="maxLength">The run's bound on a sequence, in tokens; null: the model's.</param>
    public static ModelParameters Open(string path, WeightMapping mapping, int? maxLength = null)
    {
        var folder = ModelFolder.Open(path, mapping);
        folder.FixMaxLength(maxLength ?? folder.Model.Sizes.MaxPositions);
        return new ModelParameters(folder, ownsFolder: true);
    }

    /// <summary>The parameters of a folder that is open, and outlives them.</summary>
    public static ModelParameters Of(ModelFolder folder) => new(folder, ownsFolder: false);

    public void Dispose()
    {
        foreach (var tensor in tensors.Values)
        {
            tensor.Dispose();
        }

        Tables.DisposeAll();
        weights.Dispose();
        if (ownsFolder)
        {
            folder.Dispose();
        }
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
