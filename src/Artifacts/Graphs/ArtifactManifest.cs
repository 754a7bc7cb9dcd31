using System.Globalization;
using System.Text.Json;
using OrtDpo.Runs;

namespace OrtDpo.Artifacts.Graphs;

/// <summary>
/// What artifacts are: <c>artifacts.json</c> of their folder, and the string <see cref="PropertyName"/> of their checkpoint's property bag,
/// so that a checkpoint that comes back from a device says by itself what it is of.
/// </summary>
public sealed record ArtifactManifest
{
    /// <summary>The file of a folder of artifacts.</summary>
    public const string FileName = "artifacts.json";

    /// <summary>The property of a checkpoint that holds the same text.</summary>
    public const string PropertyName = "ortdpo.artifacts";

    /// <summary>The only format there is.</summary>
    public const int CurrentFormat = 1;

    /// <summary><see cref="CurrentFormat"/>.</summary>
    public required int Format { get; init; }

    /// <summary>What made the artifacts.</summary>
    public required ArtifactMaker MadeBy { get; init; }

    /// <summary>The objective, as <c>--loss</c> takes it; null: the loss is outside, and its slopes are an input.</summary>
    public required string? Loss { get; init; }

    /// <summary>The objective's numbers as they were asked for, by the names of the inputs that take them.</summary>
    public required IReadOnlyDictionary<string, double> Scalars { get; init; }

    /// <summary>
    /// The divergence whose score takes the place of the log-ratio, as <c>--f-divergence</c> takes it; null: none was given.
    /// </summary>
    public required string? FDivergence { get; init; }

    /// <summary>What the rows are; null: the loss is outside.</summary>
    public required ArtifactRows? Rows { get; init; }

    /// <summary>Over which rows the loss is one formula: those of a step must then be in one batch; null: it is outside.</summary>
    public required ArtifactScope? Scope { get; init; }

    /// <summary>What the user of the training model feeds and gets.</summary>
    public required ModelSignature Training { get; init; }

    /// <summary>What the user of the eval model feeds and gets.</summary>
    public required ModelSignature Eval { get; init; }

    /// <summary>The same of the model that makes next-token logits; null: there is none.</summary>
    public required ModelSignature? Logits { get; init; }

    /// <summary>The parameters, in the order in which all models have them as inputs.</summary>
    public required IReadOnlyList<ArtifactParameter> Parameters { get; init; }

    /// <summary>What is fixed in the optimizer's model.</summary>
    public required ArtifactOptimizer Optimizer { get; init; }

    /// <summary>The fields of PEFT's <c>adapter_config.json</c>, without where the base lies; null: the model trains whole.</summary>
    public required JsonElement? Lora { get; init; }

    /// <summary>What the artifacts were made from.</summary>
    public required ArtifactModel Model { get; init; }

    /// <summary>Whether the checkpoint has names alone, and takes its numbers from elsewhere.</summary>
    public required bool Nominal { get; init; }

    /// <summary>Reads the manifest in a folder of artifacts.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="InvalidDataException">It is damaged, or of another format.</exception>
    public static ArtifactManifest Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        return Checked(FileJson.Read<ArtifactManifest>(path), path);
    }

    /// <summary>Reads the text of a manifest.</summary>
    /// <param name="json">The text.</param>
    /// <param name="where">Where it was found, for messages.</param>
    /// <exception cref="InvalidDataException">It is damaged, or of another format.</exception>
    public static ArtifactManifest Parse(string json, string where)
    {
        try
        {
            return Checked(JsonSerializer.Deserialize<ArtifactManifest>(json, FileJson.Options), where);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{where} is no manifest of artifacts as this program writes it: {e.Message}", e);
        }
    }

    /// <summary>The text.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, FileJson.Options) + "\n";

    static ArtifactManifest Checked(ArtifactManifest? manifest, string where) => manifest is { Format: CurrentFormat }
        ? manifest
        : throw new InvalidDataException(string.Create(
            CultureInfo.InvariantCulture,
            $"{where} is of format {manifest?.Format}; this program reads {CurrentFormat}. Make the artifacts again."));
}
