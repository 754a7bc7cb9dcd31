namespace OrtDpo.ChatTemplates.Values;

/// <summary>
/// Text that the filter <c>safe</c> marked: '+' between it and other text escapes the other for HTML, as in Python; '~' does not.
/// </summary>
sealed record Markup(string Text)
{
    public static string Escape(object? value) => value is Markup markup
        ? markup.Text
        : PythonText.Of(value)
            .Replace("&", "&amp;", StringComparison.Ordinal)
            .Replace(">", "&gt;", StringComparison.Ordinal)
            .Replace("<", "&lt;", StringComparison.Ordinal)
            .Replace("'", "&#39;", StringComparison.Ordinal)
            .Replace("\"", "&#34;", StringComparison.Ordinal);
}
