using System.Text.Json;
using OrtDpo.ChatTemplates;
using OrtDpo.Linked;
using OrtDpo.Tokenizers;
using OrtDpo.Tokenizers.Loading;

namespace OrtDpo.Data;

/// <summary>Where a model folder keeps its chat template, and the tokens that the template names.</summary>
public static class ChatTemplateFolder
{
    const string Default = "default";

    static readonly string[] TokenNames =
        ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token", "additional_special_tokens"];

    /// <summary>
    /// Reads the template of a model: <c>chat_template.jinja</c>; without it <c>chat_template</c> of <c>tokenizer_config.json</c> (a text,
    /// or several with names); without that <c>chat_template.json</c>. The special tokens come from the tokenizer's files.
    /// </summary>
    /// <param name="modelFolder">A Hugging Face folder.</param>
    /// <param name="name">Which one, where the folder has several.</param>
    /// <param name="date">What the template takes for today, where it asks; the clock is never asked.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">The folder has no template.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or the template is no Jinja; the message says where.</exception>
    /// <exception cref="NotSupportedException">
    /// The template uses a part of Jinja that is not supported; the message names it and its place.
    /// </exception>
    public static ChatTemplate Load(string modelFolder, string name = Default, DateOnly? date = null)
    {
        var (place, source) = Read(modelFolder, name);
        return new ChatTemplate(place, source, SpecialTokens(modelFolder), date);
    }

    /// <summary>
    /// Reads the template of a file, which goes before that of the model's folder; the special tokens still come from the tokenizer's
    /// files.
    /// </summary>
    /// <param name="file">A file of Jinja.</param>
    /// <param name="modelFolder">A Hugging Face folder.</param>
    /// <param name="date">What the template takes for today, where it asks; the clock is never asked.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file holds something else, or no Jinja; the message says where.</exception>
    /// <exception cref="NotSupportedException">
    /// The template uses a part of Jinja that is not supported; the message names it and its place.
    /// </exception>
    public static ChatTemplate LoadFile(string file, string modelFolder, DateOnly? date = null) =>
        new(file, ChatTemplateFile.Read(file), SpecialTokens(modelFolder), date);

    /// <summary>
    /// The text of the template that <see cref="Load"/> takes, whatever of Jinja it uses; null: the folder has none that is the default.
    /// </summary>
    /// <param name="modelFolder">A Hugging Face folder.</param>
    /// <exception cref="InvalidDataException">A file is damaged; the message says where.</exception>
    public static string? Source(string modelFolder)
    {
        var own = Path.Combine(modelFolder, TokenizerFiles.ChatTemplate);
        if (File.Exists(own))
        {
            GitLfsPointer.Refuse(own);
            return File.ReadAllText(own);
        }

        return Member(modelFolder) is not { } template ? null
            : template.Element.ValueKind != JsonValueKind.Array ? template.Text()
            : Named(template).FirstOrDefault(t => t.Name == Default).Text;
    }

    // The template called so, and how messages name its place.
    static (string Place, string Source) Read(string folder, string name)
    {
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"The model folder '{folder}' does not exist.{HubName.Advice(folder, "model")}");
        }

        var others = Path.Combine(folder, TokenizerFiles.AdditionalChatTemplates, $"{name}.jinja");
        var own = name == Default ? Path.Combine(folder, TokenizerFiles.ChatTemplate) : others;
        if (File.Exists(own))
        {
            GitLfsPointer.Refuse(own);
            return (own, File.ReadAllText(own));
        }

        return Member(folder) is { } template ? (template.Where, Select(template, name)) : throw new FileNotFoundException(
            $"'{folder}' has no chat template called '{name}'. Messages need one: chat_template.jinja, or 'chat_template' in "
            + "tokenizer_config.json or chat_template.json, or a file of its own as `ChatTemplate`.");
    }

    // In the first of the JSON files that has it.
    static JsonPart? Member(string folder) => new[] { TokenizerFiles.TokenizerConfig, TokenizerFiles.ChatTemplateJson }
        .Select(file => Part(folder, file)?.Optional("chat_template"))
        .FirstOrDefault(template => template is not null);

    // Those that are set, as a template sees them.
    static Dictionary<string, JsonElement> SpecialTokens(string folder)
    {
        var tokens = new Dictionary<string, JsonElement>();
        foreach (var file in (ReadOnlySpan<string>)[TokenizerFiles.SpecialTokensMap, TokenizerFiles.TokenizerConfig])
        {
            foreach (var name in TokenNames)
            {
                if (Part(folder, file)?.Optional(name) is { } token)
                {
                    tokens[name] = token.Element.ValueKind == JsonValueKind.Array
                        ? JsonSerializer.SerializeToElement(token.Items().Select(Text))
                        : JsonSerializer.SerializeToElement(Text(token));
                }
            }
        }

        return tokens;
    }

    static string Select(JsonPart template, string name)
    {
        if (template.Element.ValueKind != JsonValueKind.Array)
        {
            return name == Default ? template.Text() : throw Missing(template, name, "one without a name");
        }

        var named = Named(template).ToList();
        var index = named.FindIndex(t => t.Name == name);
        return index >= 0 ? named[index].Text : throw Missing(template, name, string.Join(", ", named.Select(t => $"'{t.Name}'")));
    }

    static IEnumerable<(string Name, string Text)> Named(JsonPart template) =>
        template.Items().Select(item => (item.Text("name"), item.Text("template")));

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
