using System.Text;

namespace OrtDpo.Tokenizers.Unicode;

/// <summary>Text without halves of surrogate pairs.</summary>
static class WellFormed
{
    /// <summary>
    /// <paramref name="text"/> with each lone surrogate replaced by U+FFFD: what its UTF-8 form holds, and all that a model can have seen.
    /// </summary>
    public static string Of(string text) => text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF')
        ? Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text))
        : text;
}
