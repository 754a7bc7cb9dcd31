using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using OrtDpo.ChatTemplates.Library;
using OrtDpo.ChatTemplates.Nodes;
using OrtDpo.ChatTemplates.Syntax;
using OrtDpo.ChatTemplates.Values;

namespace OrtDpo.ChatTemplates;

/// <summary>
/// A model's chat template: messages to the text that the model was trained on. An interpreter for the part of Jinja that published
/// templates use, with the settings and functions of Hugging Face's <c>apply_chat_template</c>;
/// any other part is refused by name and place.
/// </summary>
public sealed class ChatTemplate
{
    readonly Body body;
    readonly DateOnly? date;
    readonly Dictionary<string, object?> specialTokens;

    /// <summary>Reads a template.</summary>
    /// <param name="name">How messages name it, most often by its file.</param>
    /// <param name="source">Its text.</param>
    /// <param name="specialTokens">
    /// The tokens that it sees by their names, such as <c>bos_token</c>: each a text, or a list of texts.
    /// </param>
    /// <param name="date">What it takes for today, where it asks; the clock is never asked. Null: a template that asks is refused.</param>
    /// <exception cref="InvalidDataException">The text is no Jinja; the message says where.</exception>
    /// <exception cref="NotSupportedException">
    /// The template uses a part of Jinja that is not supported; the message names it and its place.
    /// </exception>
    public ChatTemplate(string name, string source, IReadOnlyDictionary<string, JsonElement> specialTokens, DateOnly? date = null)
    {
        (body, WritesDate) = TemplateParser.Parse(name, source);
        (Name, Source) = (name, source);
        Digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(source)));
        this.specialTokens = specialTokens.ToDictionary(t => t.Key, t => JsonValues.Of(t.Value));
        this.date = date;
    }

    /// <summary>How messages name it.</summary>
    public string Name { get; }

    /// <summary>Its text.</summary>
    public string Source { get; }

    /// <summary>Hex SHA-256 of the template's text in UTF-8: its identity.</summary>
    public string Digest { get; }

    /// <summary>Whether the template can ask for today's date, so that a rendering depends on the date that was given.</summary>
    public bool WritesDate { get; }

    /// <summary>Whether a name stands in it, so that a variable of that name can change what it writes.</summary>
    public bool Names(string name)
    {
        for (var at = Source.IndexOf(name, StringComparison.Ordinal); at >= 0; at = Source.IndexOf(name, at + 1, StringComparison.Ordinal))
        {
            if ((at == 0 || !IsOfName(Source[at - 1])) && (at + name.Length == Source.Length || !IsOfName(Source[at + name.Length])))
            {
                return true;
            }
        }

        return false;

        static bool IsOfName(char character) => character == '_' || char.IsLetterOrDigit(character);
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
