using System.Text.Json;
using OrtDpo.Core.Runs;
using OrtDpo.Core.Text.Templates.Library;
using OrtDpo.Core.Text.Templates.Nodes;
using OrtDpo.Core.Text.Templates.Syntax;
using OrtDpo.Core.Text.Templates.Values;

namespace OrtDpo.Core.Text.Templates;

/// <summary>
/// A model's chat template: messages to the text that the model was trained on. An interpreter for the part of Jinja that published
/// templates use, with the settings and functions of Hugging Face's <c>apply_chat_template</c>;
/// any other part is refused by name and place.
/// </summary>
public sealed class ChatTemplate
{
    readonly Body body;
    readonly DateOnly? date;
    readonly IReadOnlyDictionary<string, object?> specialTokens;

    internal ChatTemplate(string name, string source, IReadOnlyDictionary<string, object?> specialTokens, DateOnly? date)
    {
        (body, WritesDate) = TemplateParser.Parse(name, source);
        Digest = FileDigest.OfText(source);
        this.specialTokens = specialTokens;
        this.date = date;
    }

    /// <summary>SHA-256 of the template's text in UTF-8, for the reference cache's identity.</summary>
    public string Digest { get; }

    /// <summary>Whether the template can ask for today's date, so that a rendering depends on the date that was given.</summary>
    public bool WritesDate { get; }

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
    public static ChatTemplate Load(string modelFolder, string name = "default", DateOnly? date = null)
    {
        var (place, source) = TemplateFolder.Read(modelFolder, name);
        return new ChatTemplate(place, source, TemplateFolder.SpecialTokens(modelFolder), date);
    }

    /// <summary>Renders messages.</summary>
    /// <param name="messages">A list of objects, each with <c>role</c> and what the template asks for, most often <c>content</c>.</param>
    /// <param name="addGenerationPrompt">Whether the text ends with what precedes an answer.</param>
    /// <param name="variables">
    /// Further names that the template sees, such as <c>tools</c>, <c>documents</c> or <c>enable_thinking</c>.
    /// </param>
    /// <returns>The text, special tokens written in it; it is encoded without adding any.</returns>
    /// <exception cref="TemplateRefusalException">The template refuses the messages.</exception>
    /// <exception cref="InvalidDataException">The template asks the messages for what they lack.</exception>
    /// <exception cref="NotSupportedException">The messages lead to what is not supported.</exception>
    public string Render(
        JsonElement messages, bool addGenerationPrompt = false, IReadOnlyDictionary<string, JsonElement>? variables = null)
    {
        var scope = Globals.Open(date);
        foreach (var (token, text) in specialTokens)
        {
            scope[token] = text;
        }

        // Hugging Face gives these two even where there are none: `tools is defined` holds, `tools is none` too.
        scope["tools"] = null;
        scope["documents"] = null;
        scope["messages"] = JsonValues.Of(messages);
        scope["add_generation_prompt"] = addGenerationPrompt;
        foreach (var (variable, value) in variables ?? new Dictionary<string, JsonElement>())
        {
            scope[variable] = JsonValues.Of(value);
        }

        return body.Render(scope);
    }
}
