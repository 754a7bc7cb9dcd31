using System.Globalization;

namespace OrtDpo.Autodiff.Fragments;

/// <summary>
/// The names of an inference graph's cache of keys and values, <c>[batch, groups, length, D]</c> for each layer, and of its open
/// dimensions: those that ONNX Runtime GenAI's own exporter gives, which hosts look for.
/// </summary>
public static class CachePorts
{
    public const string Batch = "batch_size";

    /// <summary>Tokens that are run.</summary>
    public const string Sequence = "sequence_length";

    /// <summary>Tokens in the cache.</summary>
    public const string Past = "past_sequence_length";

    /// <summary>Both together: the length of <c>attention_mask</c>, and of the cache that is returned.</summary>
    public const string Total = "total_sequence_length";

    /// <summary>With what the names of inputs begin that hold the cache.</summary>
    public const string PastPrefix = "past_key_values.";

    /// <summary>With what the names of outputs begin that hold it with the tokens that were run.</summary>
    public const string PresentPrefix = "present.";

    /// <summary>The entry of a file's metadata with the model's family.</summary>
    public const string FamilyEntry = "ortdpo.family";

    public static string PastKey(int layer) => Name(PastPrefix, layer, "key");

    public static string PastValue(int layer) => Name(PastPrefix, layer, "value");

    public static string PresentKey(int layer) => Name(PresentPrefix, layer, "key");

    public static string PresentValue(int layer) => Name(PresentPrefix, layer, "value");

    static string Name(string prefix, int layer, string part) => string.Create(CultureInfo.InvariantCulture, $"{prefix}{layer}.{part}");
}
