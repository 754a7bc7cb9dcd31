using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace OrtDpo.Export.Cards;

/// <summary>What the model card of a base says that holds for what is made of it: under what conditions, and in which languages.</summary>
/// <param name="Fields">Those of <see cref="Kept"/> that it has, as texts and lists of texts.</param>
sealed record BaseCard(IReadOnlyDictionary<string, object> Fields)
{
    static readonly string[] Kept = ["language", "license", "license_name", "license_link"];

    /// <summary>Reads the card in a base's folder; what is no card, or no longer there, says nothing.</summary>
    public static BaseCard In(string folder)
    {
        var path = Path.Combine(folder, ModelCard.FileName);
        return new BaseCard(File.Exists(path) && FrontMatter(File.ReadAllText(path)) is { } fields
            ? Kept.Select(name => (Name: name, Value: ValueOf(fields, name)))
                .Where(field => field.Value is not null)
                .ToDictionary(field => field.Name, field => field.Value!, StringComparer.Ordinal)
            : new Dictionary<string, object>(StringComparer.Ordinal));
    }

    static YamlMappingNode? FrontMatter(string text)
    {
        const string Fence = "---";
        var lines = text.ReplaceLineEndings("\n").TrimStart('\uFEFF').Split('\n');
        var end = Array.FindIndex(lines, 1, line => line.TrimEnd() == Fence);
        if (lines[0].TrimEnd() != Fence || end < 0)
        {
            return null;
        }

        // Somebody else's file: a hub that cannot read its card shows it without one.
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(string.Join('\n', lines[1..end])));
            return stream.Documents.Count == 0 ? null : stream.Documents[0].RootNode as YamlMappingNode;
        }
        catch (YamlException)
        {
            return null;
        }
    }

    static object? ValueOf(YamlMappingNode fields, string name) =>
        fields.Children.FirstOrDefault(field => field.Key is YamlScalarNode key && key.Value == name).Value switch
        {
            YamlSequenceNode list => list.OfType<YamlScalarNode>().Select(item => item.Value ?? "").ToList(),
            YamlScalarNode { Value: { Length: > 0 } text } => text,
            _ => null,
        };
}
