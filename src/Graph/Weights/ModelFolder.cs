using OrtDpo.Graph.Models;

namespace OrtDpo.Graph.Weights;

/// <summary>A Hugging Face model folder: <c>config.json</c> and its weights, mapped into memory and checked against each other.</summary>
public sealed class ModelFolder : IDisposable
{
    readonly List<SafetensorsFile> files;
    readonly Dictionary<string, (SafetensorsFile File, TensorEntry Entry)> tensors = new(StringComparer.Ordinal);

    ModelFolder(string path, DecoderModel model, List<SafetensorsFile> files)
    {
        Path = path;
        Model = model;
        this.files = files;
        Parameters = [.. model.Parameters.Select(p => p.Name)];
        foreach (var file in files)
        {
            foreach (var tensor in file.Tensors.Values)
            {
                tensors.TryAdd(model.ParameterName(tensor.Name), (file, tensor));
            }
        }
    }

    public string Path { get; }

    public DecoderModel Model { get; }

    /// <summary>The names of the parameters, in the order of the forward pass.</summary>
    public IReadOnlyList<string> Parameters { get; }

    /// <summary>Maps the model at <paramref name="path"/>: <c>model.safetensors</c>, or the shards of <c>model.safetensors.index.json</c>.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">The folder lacks a file.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, a weight is missing, has another shape, or belongs to no parameter.</exception>
    /// <exception cref="NotSupportedException">The configuration or a weight's dtype is not supported.</exception>
    public static ModelFolder Open(string path, WeightMapping mapping = WeightMapping.ReadOnly)
    {
        if (!Directory.Exists(path))
        {
            throw new DirectoryNotFoundException($"The model folder {path} does not exist. Give a folder with config.json, safetensors files and a tokenizer.");
        }

        var folder = new ModelFolder(path, DecoderModel.Read(path), ShardedWeights.Open(path, mapping));
        var checks = new WeightChecks(folder, folder.files.SelectMany(f => f.Tensors.Values));
        if (checks.Fault() is { } fault)
        {
            folder.Dispose();
            throw fault;
        }

        return folder;
    }

    /// <summary>The entry of parameter <paramref name="name"/>, or of another tensor of that name; null where there is none.</summary>
    public TensorEntry? Find(string name) => tensors.TryGetValue(name, out var tensor) ? tensor.Entry : null;

    /// <summary>The address of the tensor's first byte, in the type of its entry; valid until the folder is disposed.</summary>
    public nint Address(string name) => tensors[name].File.Address(tensors[name].Entry);

    /// <summary>The path of the file that holds tensor <paramref name="name"/>.</summary>
    public string FileOf(string name) => tensors[name].File.Path;

    public void Dispose()
    {
        foreach (var file in files)
        {
            file.Dispose();
        }
    }
}
