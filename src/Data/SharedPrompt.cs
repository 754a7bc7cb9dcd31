namespace OrtDpo.Data;

/// <summary>Pairs of plain texts that begin alike, without a prompt of their own ("The sky is blue." and "The sky is green.").</summary>
static class SharedPrompt
{
    /// <summary>
    /// The length of the prompt: what both texts share, up to the last white space that stands in both. So no word is split, each
    /// completion begins with that white space, and neither is empty, also where one text is the beginning of the other.
    /// 0 where nothing is shared.
    /// </summary>
    internal static int Length(string chosen, string rejected)
    {
        var length = Math.Min(chosen.AsSpan().CommonPrefixLength(rejected), Math.Min(chosen.Length, rejected.Length) - 1);
        // A difference right behind a white space: the white space is the completions' first character.
        while (length > 0 && !(IsSpaceAt(chosen, length) && IsSpaceAt(rejected, length)))
        {
            length--;
        }

        // Of several in a row, the first.
        while (length > 0 && char.IsWhiteSpace(chosen[length - 1]))
        {
            length--;
        }

        return length;
    }

    static bool IsSpaceAt(string text, int at) => char.IsWhiteSpace(text[at]);
}
