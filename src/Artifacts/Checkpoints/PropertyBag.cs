namespace OrtDpo.Artifacts.Checkpoints;

/// <summary>Named values that a checkpoint carries; a name stands for one value, of whatever type.</summary>
public sealed record PropertyBag
{
    /// <summary>No values.</summary>
    public static PropertyBag Empty { get; } = new();

    /// <summary>Whole numbers.</summary>
    public IReadOnlyDictionary<string, long> Ints { get; init; } = new Dictionary<string, long>();

    /// <summary>Floating-point numbers.</summary>
    public IReadOnlyDictionary<string, float> Floats { get; init; } = new Dictionary<string, float>();

    /// <summary>Texts.</summary>
    public IReadOnlyDictionary<string, string> Strings { get; init; } = new Dictionary<string, string>();

    /// <summary>The names, a name as often as it stands for a value.</summary>
    internal IEnumerable<string> Names => [.. Ints.Keys, .. Floats.Keys, .. Strings.Keys];
}
