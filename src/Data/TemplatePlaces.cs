using System.Text;
using System.Text.Json;
using OrtDpo.Tokenizers;

namespace OrtDpo.Data;

/// <summary>
/// A default chat template in the files that stand beside a model's weights, wherever a host looks for one: Transformers reads
/// <c>chat_template.jinja</c> before the others, ONNX Runtime GenAI <c>tokenizer_config.json</c>, and older hosts nothing but that.
/// </summary>
public static class TemplatePlaces
{
    // A default template among the further ones would go before the first file.
    const string FurtherDefault = $"{TokenizerFiles.AdditionalChatTemplates}/default.jinja";

    /// <summary>
    /// What of the files changes: <c>chat_template.jinja</c>, and the default template of <c>tokenizer_config.json</c> and
    /// <c>chat_template.json</c> where these are there. Transformers takes no template from these beside the first, so those of other names
    /// get files of their own too.
    /// </summary>
    /// <param name="names">The files' paths within the folder, parted by slashes.</param>
    /// <param name="read">What a file holds, by its name.</param>
    /// <param name="template">The template's text.</param>
    /// <param name="ofConfig">
    /// What <c>tokenizer_config.json</c> gets in its place, as a text also where it has a list: ONNX Runtime GenAI reads no other file
    /// where this one has a template, has a renderer of its own, and loads no tokenizer with a list. Null: the template, in a list too.
    /// </param>
    /// <returns>Changed and new files by name; null: the file goes.</returns>
    public static IReadOnlyDictionary<string, byte[]?> With(
        IReadOnlyCollection<string> names, Func<string, byte[]> read, string template, string? ofConfig = null)
    {
        var changes = new Dictionary<string, byte[]?>(StringComparer.Ordinal)
        {
            [TokenizerFiles.ChatTemplate] = Encoding.UTF8.GetBytes(template),
        };
        foreach (var name in names)
        {
            if (name == FurtherDefault)
            {
                changes[name] = null;
            }
            else if (name == TokenizerFiles.TokenizerConfig)
            {
                changes[name] = TemplateMember.With(read(name), ofConfig ?? template, asText: ofConfig is not null);
            }
            else if (name == TokenizerFiles.ChatTemplateJson)
            {
                changes[name] = TemplateMember.With(read(name), template);
            }
        }

        if (names.Contains(TokenizerFiles.TokenizerConfig))
        {
            foreach (var (name, text) in Named(read(TokenizerFiles.TokenizerConfig)))
            {
                if (!names.Contains(name))
                {
                    changes.TryAdd(name, Encoding.UTF8.GetBytes(text));
                }
            }
        }

        return changes;
    }

    // The tokenizer has read the file, so that it is known to be JSON.
    static List<(string Name, string Text)> Named(byte[] config)
    {
        using var document = JsonDocument.Parse(new MemoryStream(config));
        return !document.RootElement.TryGetProperty("chat_template", out var list) || list.ValueKind != JsonValueKind.Array ? []
            : list.EnumerateArray()
                .Select(item => (Name: TextOf(item, "name"), Text: TextOf(item, "template")))
                .Where(item => item is { Name: not (null or "default"), Text: not null } && Path.GetFileName(item.Name) == item.Name)
                .Select(item => ($"{TokenizerFiles.AdditionalChatTemplates}/{item.Name}.jinja", item.Text!))
                .ToList();
    }

    static string? TextOf(JsonElement item, string name) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String
            ? text.GetString()
            : null;
}
