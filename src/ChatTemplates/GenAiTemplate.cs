using OrtDpo.ChatTemplates.Syntax;

namespace OrtDpo.ChatTemplates;

/// <summary>
/// A chat template for ONNX Runtime GenAI, whose renderer is not Jinja itself: what had to be written otherwise, and what it may make
/// otherwise all the same. Of version 0.18.
/// </summary>
public sealed record GenAiTemplate
{
    // Hugging Face gives these two even where there are none, and templates ask for that.
    static readonly string[] GivenNames = ["tools", "documents"];

    GenAiTemplate(string text, IReadOnlyList<string> lacks) => (Text, Lacks) = (text, lacks);

    /// <summary>
    /// The template, the same under Jinja with Hugging Face's settings: its renderer does not know trim_blocks and lstrip_blocks, and
    /// leaves <c>tools</c> and <c>documents</c> undefined where there are none. The source itself where none of it matters.
    /// </summary>
    public string Text { get; }

    /// <summary>What the template uses and its renderer lacks or reads otherwise, each with its place.</summary>
    public IReadOnlyList<string> Lacks { get; }

    /// <summary>Writes a template for it.</summary>
    /// <param name="name">How messages name the template, most often by its file.</param>
    /// <param name="source">Its text.</param>
    /// <exception cref="InvalidDataException">The text is no Jinja; the message says where.</exception>
    /// <exception cref="NotSupportedException">The template uses a part of Jinja that is not read here.</exception>
    public static GenAiTemplate Of(string name, string source)
    {
        var text = new TemplateText(name, source);
        var (tokens, parts) = TemplateLexer.Cut(text);
        var written = ExplicitWhitespace.IsNeeded(text, parts) || source.Contains('\r', StringComparison.Ordinal)
            ? ExplicitWhitespace.Of(parts)
            : source;
        var asked = GivenNames.Where(given => tokens.Zip(tokens.Skip(1)).Any(two => two.First.IsName(given) && two.Second.IsName("is")));
        var defined = string.Concat(asked.Select(given => $"{{% if {given} is not defined %}}{{% set {given} = none %}}{{% endif %}}"));
        return new GenAiTemplate(defined + written, [.. GenAiLacks.In(tokens)]);
    }
}
