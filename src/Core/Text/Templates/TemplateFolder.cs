using System.Text.Json;
using OrtDpo.Core.Text.Loading;

namespace OrtDpo.Core.Text.Templates;

/// <summary>Where a model folder keeps its chat template, and the tokens that the template names.</summary>
static class TemplateFolder
{
    static readonly string[] TokenNames =
        ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token", "additional_special_tokens"];

    /// <summary>The template called <paramref name="name"/>, and how messages name its place.</summary>
    public static (string Place, string Source) Read(string folder, string name)
    {
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"The model folder '{folder}' does not exist.");
        }

        var others = Path.Combine(folder, "additional_chat_templates", $"{name}.jinja");
        var own = name == "default" ? Path.Combine(folder, "chat_template.jinja") : others;
        if (File.Exists(own))
        {
            return (own, File.ReadAllText(own));
        }

        foreach (var file in (ReadOnlySpan<string>)["tokenizer_config.json", "chat_template.json"])
        {
            if (Part(folder, file)?.Optional("chat_template") is { } template)
            {
                return (template.Where, Select(template, name));
            }
        }

        throw new FileNotFoundException(
            $"'{folder}' has no chat template called '{name}'. Messages need one: chat_template.jinja, or 'chat_template' in "
            + "tokenizer_config.json or chat_template.json.");
    }

    /// <summary>Those that are set, as a template sees them.</summary>
    public static IReadOnlyDictionary<string, object?> SpecialTokens(string folder)
    {
        var tokens = new Dictionary<string, object?>();
        foreach (var file in (ReadOnlySpan<string>)["special_tokens_map.json", "tokenizer_config.json"])
        {
            foreach (var name in TokenNames)
            {
                if (Part(folder, file)?.Optional(name) is { } token)
                {
                    tokens[name] = token.Element.ValueKind == JsonValueKind.Array
                        ? token.Items().Select(t => (object?)Text(t)).ToList()
                        : Text(token);
                }
            }
        }

        return tokens;
    }

    static string Select(JsonPart template, string name)
    {
        if (template.Element.ValueKind != JsonValueKind.Array)
        {
            return name == "default" ? template.Text() : throw Missing(template, name, "one without a name");
        }

        var named = template.Items().Select(item => (Name: item.Text("name"), Text: item.Text("template"))).ToList();
        var index = named.FindIndex(t => t.Name == name);
        return index >= 0 ? named[index].Text : throw Missing(template, name, string.Join(", ", named.Select(t => $"'{t.Name}'")));
    }

    static InvalidDataException Missing(JsonPart template, string name, string found) =>
        new($"{template.Where} has no chat template called '{name}' (found: {found}).");

    // A token stands there as text, or as an object with its flags.
    static string Text(JsonPart token) => token.Element.ValueKind == JsonValueKind.Object ? token.Text("content") : token.Text();

    static JsonPart? Part(string folder, string file)
    {
        var path = Path.Combine(folder, file);
        return File.Exists(path) ? JsonPart.ReadFile(path) : null;
    }
}
