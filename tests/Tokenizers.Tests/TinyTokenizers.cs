using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrtDpo.Tokenizers.Tests;

/// <summary>The small committed tokenizers, as they are and changed as tests/golden/text/variants.json says.</summary>
static class TinyTokenizers
{
    static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static IEnumerable<string> VariantNames => Variants.Select(v => v!["name"]!.GetValue<string>());

    static JsonArray Variants => (JsonArray)JsonNode.Parse(File.ReadAllText(Path.Combine(TokenizerGolden.Folder, "variants.json")))!;

    public static ModelTokenizer Load(string name) => Load(Base(name));

    public static ModelTokenizer Load(JsonNode definition, string? config = null)
    {
        using var folder = new TemporaryFolder();
        folder.Write("tokenizer.json", definition.ToJsonString());
        if (config is not null)
        {
            folder.Write("tokenizer_config.json", config);
        }

        return ModelTokenizer.Load(folder.Path);
    }

    public static ModelTokenizer LoadVariant(string name) => Load(Variant(name));

    public static JsonObject Variant(string name)
    {
        var variant = Variants.Single(v => v!["name"]!.GetValue<string>() == name)!;
        var definition = Base(variant["base"]!.GetValue<string>());
        foreach (var (key, value) in variant["change"]!.AsObject())
        {
            Change(definition, key, value);
        }

        return definition;
    }

    public static JsonObject Base(string name) =>
        (JsonObject)JsonNode.Parse(File.ReadAllText(Path.Combine(TokenizerGolden.Folder, "tiny", $"{name}.json")))!;

    static void Change(JsonObject definition, string key, JsonNode? value)
    {
        var (model, added) = (definition["model"]!.AsObject(), definition["added_tokens"]!.AsArray());
        switch (key)
        {
            case "added_tokens+":
                foreach (var token in value!.AsArray())
                {
                    var vocabulary = model["vocab"]!.AsObject();
                    var next = added.Select(t => t!["id"]!.GetValue<int>())
                        .Concat(vocabulary.Select(t => t.Value!.GetValue<int>())).Max() + 1;
                    var copy = token!.DeepClone().AsObject();
                    copy["id"] = vocabulary[token["content"]!.GetValue<string>()]?.GetValue<int>() ?? next;
                    added.Add(copy);
                }

                break;
            case "model.vocab-":
                foreach (var token in value!.AsArray())
                {
                    model["vocab"]!.AsObject().Remove(token!.GetValue<string>());
                }

                break;
            case var _ when key.StartsWith("model.", StringComparison.Ordinal):
                model[key[6..]] = value?.DeepClone();
                break;
            default:
                var end = added[0]!["id"]!.ToString();
                var text = value?.ToJsonString(Readable).Replace("\"END\"", end, StringComparison.Ordinal);
                definition[key] = text is null ? null : JsonNode.Parse(text);
                break;
        }
    }
}
