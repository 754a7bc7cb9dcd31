using OrtDpo.Graph.Building;
using OrtDpo.Graph.Models;
using OrtDpo.Graph.Weights;
using OrtDpo.Runtime.Memory;

namespace OrtDpo.Runtime.Models;

/// <summary>A model's parameters where sessions read them: float32, mapped or converted once, by their Hugging Face names.</summary>
public sealed class ModelParameters : IDisposable
{
    readonly ModelFolder _folder;
    readonly WeightStore _weights;
    readonly Dictionary<string, NativeTensor> _tensors;

    ModelParameters(ModelFolder folder)
    {
        _folder = folder;
        _weights = new WeightStore(folder);
        _tensors = _weights.Tensors.ToDictionary(t => t.Name, t => NativeTensor.View(t.Address, DataType.Float32, t.Shape), StringComparer.Ordinal);
        var (cos, sin) = RotaryTables.Build(folder.Config);
        RopeCos = Table(cos);
        RopeSin = Table(sin);
    }

    public LlamaConfig Config => _folder.Config;

    public string Path => _folder.Path;

    /// <summary>Names in the order of the forward pass.</summary>
    public IReadOnlyList<string> Names => _folder.Parameters;

    public NativeTensor this[string name] => _tensors[name];

    /// <summary><c>[positions, D / 2]</c>.</summary>
    public NativeTensor RopeCos { get; }

    /// <summary><c>[positions, D / 2]</c>.</summary>
    public NativeTensor RopeSin { get; }

    /// <summary>Opens a model folder: read-only to score, copy-on-write to train.</summary>
    public static ModelParameters Open(string path, WeightMapping mapping) => new(ModelFolder.Open(path, mapping));

    public void Dispose()
    {
        foreach (var tensor in _tensors.Values)
        {
            tensor.Dispose();
        }

        RopeCos.Dispose();
        RopeSin.Dispose();
        _weights.Dispose();
        _folder.Dispose();
    }

    NativeTensor Table(double[] values)
    {
        var table = NativeTensor.Zeros(DataType.Float32, Config.MaxPositionEmbeddings, Config.HeadDim / 2);
        var span = table.Span<float>();
        for (var i = 0; i < values.Length; i++)
        {
            span[i] = (float)values[i];
        }

        return table;
    }
}
