namespace OrtDpo.Adapters.Onnx;

/// <summary>
/// An adapter as ONNX Runtime takes it (<c>OrtLoraAdapter</c>): tensors that are fed to a model's inputs of the same names. The format has
/// no place for anything else, such as what model the tensors are of.
/// </summary>
/// <param name="Tensors">The tensors, each name once.</param>
public sealed record OnnxAdapter(IReadOnlyList<OnnxAdapterTensor> Tensors)
{
    /// <summary>With what the names of its files end.</summary>
    public const string Extension = ".onnx_adapter";

    /// <summary>The folder of the adapters beside a model.</summary>
    public const string FolderName = "adapters";

    /// <summary>What the name of the JSON beside a file has behind the file's, which says what it was made of.</summary>
    public const string OriginSuffix = ".json";

    /// <summary>The member of that JSON, and with <c>ortdpo.</c> before it the entry of a model's metadata, that tells the base.</summary>
    public const string BaseDigest = "base_digest";

    /// <summary>The adapter's own version; whatever its maker likes.</summary>
    public int AdapterVersion { get; init; } = 1;

    /// <summary>The version of the model that it is for; ONNX Runtime 1.31 does not look at it.</summary>
    public int ModelVersion { get; init; } = 1;

    /// <summary>
    /// The file that somebody means with a path of one, or with the name of one that lies beside a model; null where he means something
    /// else, such as a folder.
    /// </summary>
    /// <param name="model">The model's folder.</param>
    /// <param name="adapter">The path or name; null: none.</param>
    public static string? Find(string model, string? adapter)
    {
        if (adapter is null || adapter.EndsWith(Extension, StringComparison.Ordinal))
        {
            return adapter;
        }

        var named = Path.Combine(model, FolderName, adapter + Extension);
        return !Directory.Exists(adapter) && File.Exists(named) ? named : null;
    }
}
