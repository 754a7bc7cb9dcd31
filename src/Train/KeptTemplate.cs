using System.Text;
using System.Text.Json;
using OrtDpo.ChatTemplates;
using OrtDpo.Models;
using OrtDpo.Safetensors;
using OrtDpo.Tokenizers;

namespace OrtDpo.Train;

/// <summary>A chat template that a run was given in place of its model's, in the files beside the weights.</summary>
static class KeptTemplate
{
    // A default template among the further ones would go before the first file.
    static readonly string[] Replaced =
        [TokenizerFiles.ChatTemplate, $"{TokenizerFiles.AdditionalChatTemplates}/default.jinja"];

    /// <summary>
    /// The files with the template wherever a host looks for one: in <c>chat_template.jinja</c>, and as the default template of
    /// <c>tokenizer_config.json</c> and <c>chat_template.json</c> where these are there. Transformers takes no template from these beside
    /// the first, so those of other names get files of their own too.
    /// </summary>
    /// <param name="files">What stands beside the weights.</param>
    /// <param name="given">The template; null: the model's stays.</param>
    internal static IReadOnlyList<HostFile> In(IReadOnlyList<HostFile> files, ChatTemplate? given)
    {
        if (given is null)
        {
            return files;
        }

        var own = OfText(TokenizerFiles.ChatTemplate, given.Name, given.Source);
        var kept = files.Where(file => !Replaced.Contains(file.Name)).Select(file => With(file, given.Source)).Append(own).ToList();
        var named = files.Where(file => file.Name == TokenizerFiles.TokenizerConfig).SelectMany(Named);
        return [.. kept, .. named.ExceptBy(kept.Select(file => file.Name), file => file.Name)];
    }

    static HostFile With(HostFile file, string template) => file.Name is TokenizerFiles.TokenizerConfig or TokenizerFiles.ChatTemplateJson
        ? file with { Contents = TemplateMember.With(file.Read(), template) }
        : file;

    // The tokenizer has read the file, so that it is known to be JSON.
    static IEnumerable<HostFile> Named(HostFile config)
    {
        using var document = JsonDocument.Parse(new MemoryStream(config.Read()));
        return !document.RootElement.TryGetProperty("chat_template", out var list) || list.ValueKind != JsonValueKind.Array ? []
            : list.EnumerateArray()
                .Select(item => (Name: TextOf(item, "name"), Text: TextOf(item, "template")))
                .Where(item => item is { Name: not (null or "default"), Text: not null } && Path.GetFileName(item.Name) == item.Name)
                .Select(item => OfText($"{TokenizerFiles.AdditionalChatTemplates}/{item.Name}.jinja", config.Source, item.Text!))
                .DistinctBy(file => file.Name)
                .ToList();
    }

    static string? TextOf(JsonElement item, string name) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String
            ? text.GetString()
            : null;

    static HostFile OfText(string name, string source, string text) =>
        new(name, source, WeightType.F32) { Contents = Encoding.UTF8.GetBytes(text) };
}
