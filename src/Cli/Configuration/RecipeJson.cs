using System.Globalization;
using System.Text.Json.Nodes;
using OrtDpo.Runs.Yaml;

namespace OrtDpo.Cli.Configuration;

/// <summary>A mapping of a recipe as a JSON object, for options that take one.</summary>
static class RecipeJson
{
    /// <summary>The object's text.</summary>
    public static string Of(YamlMapping mapping) => Node(mapping)!.ToJsonString();

    static JsonNode? Node(YamlNode node) => node switch
    {
        YamlMapping mapping => new JsonObject(mapping.Entries.Select(entry => KeyValuePair.Create(entry.Name, Node(entry.Value)))),
        YamlList list => new JsonArray([.. list.Items.Select(Node)]),
        YamlScalar { IsNull: true } => null,
        YamlScalar { Truth: { } truth } => JsonValue.Create(truth),
        YamlScalar { IsWholeNumber: true } scalar when long.TryParse(scalar.Text, CultureInfo.InvariantCulture, out var number) =>
            JsonValue.Create(number),
        YamlScalar { IsNumber: true } scalar => JsonValue.Create(double.Parse(scalar.Text, CultureInfo.InvariantCulture)),
        YamlScalar scalar => JsonValue.Create(scalar.Text),
        _ => throw new InvalidOperationException($"{node.GetType().Name} is no node of YAML."),
    };
}
