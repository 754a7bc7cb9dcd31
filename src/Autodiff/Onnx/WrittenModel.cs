namespace OrtDpo.Autodiff.Onnx;

/// <summary>What a model's file says of itself, and where its weights lie.</summary>
public sealed record WrittenModel
{
    /// <summary>With what the names of this project's metadata begin.</summary>
    public const string MetadataPrefix = "ortdpo.";

    /// <summary>Protobuf's limit of a file, 2 GB.</summary>
    public const long LargestFile = int.MaxValue;

    /// <summary>Bytes that the file itself must stay below, else its weights lie beside it; 0: they always do.</summary>
    public long FileLimit { get; init; } = LargestFile;

    /// <summary>Inputs that need not be fed: their open sizes are then 0, so that they hold no numbers.</summary>
    public IReadOnlySet<string> EmptyByDefault { get; init; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>The version of what wrote it.</summary>
    public string ProducerVersion { get; init; } = "";

    /// <summary>What is told of the model beside its graph, by name.</summary>
    public SortedDictionary<string, string> Metadata { get; init; } = new(StringComparer.Ordinal);
}
