namespace OrtDpo.Data.Inspection;

/// <summary>A text without what a reader hardly sees: case and the amount of white space.</summary>
static class FoldedText
{
    internal static string Of(string text) =>
        string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).ToUpperInvariant();

    /// <summary>Whether the two differ in nothing else: word for word, without a copy of either.</summary>
    internal static bool AreEqual(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        while (true)
        {
            var word = FirstWord(ref a);
            var other = FirstWord(ref b);
            if (!word.Equals(other, StringComparison.OrdinalIgnoreCase))
            {
                return false;
            }

            if (word.IsEmpty)
            {
                return true;
            }
        }
    }

    static ReadOnlySpan<char> FirstWord(ref ReadOnlySpan<char> text)
    {
        text = text.TrimStart();
        var length = 0;
        while (length < text.Length && !char.IsWhiteSpace(text[length]))
        {
            length++;
        }

        var word = text[..length];
        text = text[length..];
        return word;
    }
}
