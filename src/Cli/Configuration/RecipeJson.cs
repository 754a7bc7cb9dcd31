using System.Globalization;
using System.Text.Json.Nodes;
using OrtDpo.Runs.Yaml;

namespace OrtDpo.Cli.Configuration;

/// <summary>A mapping of a recipe as a JSON object, for options that take one.</summary>
static class RecipeJson
{
    /// <summary>The object's text.</summary>
    /// <param name="key">The option's key.</param>
    /// <param name="mapping">What the recipe has.</param>
    /// <exception cref="RecipeException">It holds a number that JSON has no form for.</exception>
    public static string Of(string key, YamlMapping mapping) => Node(key, mapping)!.ToJsonString();

    static JsonNode? Node(string key, YamlNode node) => node switch
    {
        YamlMapping mapping => new JsonObject(
            mapping.Entries.Select(entry => KeyValuePair.Create(entry.Name, Node(key, entry.Value)))),
        YamlList list => new JsonArray([.. list.Items.Select(item => Node(key, item))]),
        YamlScalar { IsNull: true } => null,
        YamlScalar { Truth: { } truth } => JsonValue.Create(truth),
        YamlScalar { IsNoText: true } scalar => Number(key, scalar),
        YamlScalar scalar => JsonValue.Create(scalar.Text),
        _ => throw new InvalidOperationException($"{node.GetType().Name} is no node of YAML."),
    };

    // A whole number keeps its digits, however many.
    static JsonNode? Number(string key, YamlScalar scalar) => scalar switch
    {
        { IsOctalInOlderYaml: true } => throw RecipeWords.Octal(key, scalar),
        { IsWholeNumber: true } => JsonNode.Parse(scalar.Text.TrimStart('+')),
        { IsNumber: true } when double.Parse(scalar.Text, CultureInfo.InvariantCulture) is var number && double.IsFinite(number) =>
            JsonValue.Create(number),
        _ => throw new RecipeException(
            $"{key} has {scalar.Text} in it; a number there must be finite and in decimals. Write it in quotes if it is text.",
            scalar.Place),
    };
}
