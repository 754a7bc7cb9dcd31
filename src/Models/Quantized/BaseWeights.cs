using System.Text.Json;
using OrtDpo.Quantization;

namespace OrtDpo.Models.Quantized;

/// <summary>
/// How the linear weights of a model's layers are held where they do not train: as its files have them, quantised when the model is opened,
/// or read in 4 bits from another file. Embedding, head, norms and biases are as the files have them in any case.
/// </summary>
/// <param name="Name"><c>as-is</c>, <c>nf4</c>, <c>int4</c>, <c>int4-128</c>, or the path of a file or folder.</param>
public sealed record BaseWeights(string Name)
{
    /// <summary>The entry of a run's configuration that names how its base was held; absent: as its files have it.</summary>
    public const string ConfigName = "base";

    const string Stored = "as-is";

    static readonly Dictionary<string, FourBitForm> Forms = new(StringComparer.Ordinal)
    {
        ["nf4"] = new(IsNf4: true, Nf4.UsualBlock),
        ["int4"] = new(IsNf4: false, Int4.UsualBlock),
        ["int4-128"] = new(IsNf4: false, Block: 128),
    };

    /// <summary>What <c>nf4</c> asks for.</summary>
    internal static FourBitForm Nf4Form => Forms["nf4"];

    /// <summary>As the files have them.</summary>
    public static BaseWeights AsStored { get; } = new(Stored);

    /// <summary>How a run's base was held.</summary>
    /// <param name="config">The run's configuration: values as they are written, strings as JSON.</param>
    public static BaseWeights OfRun(IReadOnlyDictionary<string, string> config) =>
        config.TryGetValue(ConfigName, out var name) ? new(JsonSerializer.Deserialize<string>(name)!) : AsStored;

    /// <summary>The names that are no path.</summary>
    public static IReadOnlyList<string> Names { get; } = [Stored, .. Forms.Keys];

    /// <summary>Whether the files' own weights are used.</summary>
    public bool IsAsStored => Name == Stored;

    /// <summary>What the weights are quantised to; null where they are not.</summary>
    public FourBitForm? Form => Forms.GetValueOrDefault(Name);

    /// <summary>What is given as <c>Base</c> for weights that are held in a form, in words.</summary>
    /// <param name="form">The form's text; null: as the files have them.</param>
    public static string Advice(string? form) => form is null ? "Leave `Base` out"
        : NameOf(form) is { } name ? $"Pass `Base` {name}"
        : "Pass `Base` with the file that its weights were read from";

    /// <summary>The name by which a form is asked for; null where it is read from a file.</summary>
    internal static string? NameOf(string form) => Forms.FirstOrDefault(known => known.Value.ToString() == form).Key;

    /// <summary>How weights are held, in words.</summary>
    /// <param name="form">The form's text; null: as the files have them.</param>
    public static string Describe(string? form) => form is null ? "as in its files" : $"in 4 bits ({form})";
}
