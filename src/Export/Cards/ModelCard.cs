using System.Globalization;
using System.Text;
using OrtDpo.Runs;

namespace OrtDpo.Export.Cards;

/// <summary>
/// What stands in the <c>README.md</c> of a made model: fields for hubs, and a short text. Only what is known of it; a field of which
/// nothing is known is absent.
/// </summary>
public sealed record ModelCard
{
    /// <summary>The file's name.</summary>
    public const string FileName = "README.md";

    /// <summary>What the model is called.</summary>
    public required string Name { get; init; }

    /// <summary>What it is, in one sentence of Markdown.</summary>
    public required string Summary { get; init; }

    /// <summary>The fields for hubs, in the order in which they are written: texts, numbers, lists and fields again.</summary>
    public required IReadOnlyDictionary<string, object> Fields { get; init; }

    /// <summary>The parts of the text: title, and Markdown.</summary>
    public required IReadOnlyList<(string Title, string Body)> Parts { get; init; }

    /// <summary>The file's text.</summary>
    public string ToText()
    {
        var text = new StringBuilder($"---\n{CardYaml.Of(Fields)}---\n\n# {Markdown.Text(Name)}\n\n{Summary}\n");
        foreach (var (title, body) in Parts)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {title}\n\n{body.TrimEnd('\n')}\n");
        }

        return text.ToString();
    }

    /// <summary>Writes the file.</summary>
    /// <param name="folder">The model's folder.</param>
    public void WriteTo(string folder) => AtomicFile.WriteText(Path.Combine(folder, FileName), ToText());
}
