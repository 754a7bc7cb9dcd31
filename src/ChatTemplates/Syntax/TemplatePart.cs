namespace OrtDpo.ChatTemplates.Syntax;

enum TemplatePartKind
{
    Data,
    Variable,
    Block,
    Comment,

    /// <summary>The beginning or the end of text that is not read.</summary>
    Raw,
}

/// <summary>A part of a template.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="From">Where a tag begins.</param>
/// <param name="To">Where it ends.</param>
/// <param name="Text">A tag as it is written; of text what the whitespace rules leave.</param>
readonly record struct TemplatePart(TemplatePartKind Kind, int From, int To, string Text);
