using Google.Protobuf;
using OrtDpo.Autodiff.Onnx;
using OrtDpo.Linked;
using OrtDpo.Safetensors;

namespace OrtDpo.Models.Import;

/// <summary>An ONNX model of another tool, open: its message, and the bytes of its initializers, inside the file or beside it.</summary>
public sealed class OnnxFile : IDisposable
{
    /// <summary>The operator sets of ONNX that are read.</summary>
    public const int OldestOpset = 14;

    /// <inheritdoc cref="OldestOpset"/>
    public const int NewestOpset = 24;

    /// <summary>The file of a checkpoint's graph, and of an export.</summary>
    public const string FileName = "model.onnx";

    readonly ExternalFiles external;

    OnnxFile(string path, ModelProto model, int opset, ExternalFiles external)
    {
        Path = path;
        Model = model;
        Opset = opset;
        this.external = external;
        Initializers = model.Graph.Initializer.ToDictionary(i => i.Name, StringComparer.Ordinal);
    }

    public string Path { get; }

    /// <summary>Version of ONNX's operators that the file is written in.</summary>
    public int Opset { get; }

    internal ModelProto Model { get; }

    internal GraphProto Graph => Model.Graph;

    internal IReadOnlyDictionary<string, TensorProto> Initializers { get; }

    /// <summary>
    /// The model of a folder whose weights are an ONNX model's: <c>model.onnx</c>, or the only file that ends so; null where there is
    /// none. Beside
    /// <c>model.safetensors</c>, only a model that keeps its tensors there counts, as checkpoints do: else the folder is Hugging Face's.
    /// </summary>
    /// <exception cref="InvalidDataException">There are several, and none is called <c>model.onnx</c>.</exception>
    public static string? Find(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return null;
        }

        var found = Only(folder);
        var alone = !Directory.EnumerateFiles(folder, $"{ShardedWeights.SingleFile}*").Any();
        return found is null || alone || KeepsTensorsIn(found, ShardedWeights.SingleFile) ? found : null;
    }

    /// <summary>The one model among a folder's files, whatever lies beside it: <see cref="FileName"/> where there are several.</summary>
    /// <returns>Its path; null where there is none.</returns>
    /// <exception cref="InvalidDataException">There are several, and none is called <c>model.onnx</c>.</exception>
    internal static string? Only(string folder)
    {
        var files = Directory.GetFiles(folder, "*.onnx").Order(StringComparer.Ordinal).ToList();
        return files.Find(f => System.IO.Path.GetFileName(f) == FileName) ?? (files.Count <= 1
            ? files.SingleOrDefault()
            : throw new InvalidDataException(
                $"{folder} holds {string.Join(", ", files.Select(System.IO.Path.GetFileName))}; "
                + $"expected one .onnx file, or one called {FileName}."));
    }

    /// <summary>Opens a model; files of external data are mapped when a tensor of theirs is first read.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is no ONNX model, or is damaged.</exception>
    /// <exception cref="NotSupportedException">Its operator set is not read.</exception>
    public static OnnxFile Open(string path, WeightMapping mapping = WeightMapping.ReadOnly)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{path} does not exist. Expected an ONNX model.", path);
        }

        GitLfsPointer.Refuse(path);
        ModelProto model;
        try
        {
            using var stream = File.OpenRead(path);
            model = ModelProto.Parser.ParseFrom(stream);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new InvalidDataException($"{path} is not an ONNX model: {e.Message} Export or fetch it again.", e);
        }

        if (model.Graph is null || model.OpsetImport.Count == 0)
        {
            throw new InvalidDataException(
                $"{path} is not an ONNX model: it has no graph or names no operator set. Export or fetch it again.");
        }

        if (model.Graph.Initializer.GroupBy(i => i.Name).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new InvalidDataException(
                $"{path}: initializer '{twice.Key}' occurs {twice.Count()} times; names are unique in an ONNX model.");
        }

        var opset = model.OpsetImport.Where(o => o.Domain is "" or "ai.onnx").Select(o => (int)o.Version).FirstOrDefault();
        return opset is >= OldestOpset and <= NewestOpset
            ? new OnnxFile(path, model, opset, new ExternalFiles(path, mapping))
            : throw new NotSupportedException(
                $"{path} is written in operator set {opset}. Supported are {OldestOpset} to {NewestOpset}; "
                + "export it again with one of them.");
    }

    /// <summary>Element type, shape and bytes of an initializer or a constant.</summary>
    internal TensorData Read(TensorProto tensor) => tensor.DataLocation == TensorProto.Types.DataLocation.External
        ? TensorData.Outside(Path, tensor, external.Bytes(tensor))
        : TensorData.Inside(Path, tensor);

    public void Dispose() => external.Dispose();

    static bool KeepsTensorsIn(string path, string location)
    {
        using var file = Open(path);
        return file.Graph.Initializer.Any(i => i.ExternalData.Any(e => e.Key == "location" && e.Value == location));
    }
}
