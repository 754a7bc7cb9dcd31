namespace OrtDpo.Tokenizers;

/// <summary>The text of tokens that come one at a time, each part as soon as it is whole: a character may take several tokens.</summary>
/// <param name="tokenizer">Whose tokens they are.</param>
/// <param name="before">The tokens that they follow, whose text is known.</param>
public sealed class GrowingText(ModelTokenizer tokenizer, IReadOnlyCollection<int> before)
{
    // Tokens are decoded together with those of the part before: alone they would lose the space before a word.
    readonly List<int> window = [.. before];
    int known = before.Count;

    /// <summary>Adds a token and returns the text that became whole, which may be empty.</summary>
    public string Add(int id)
    {
        window.Add(id);
        var part = Pending();
        // The character that stands for bytes without one may yet become another.
        if (part.Length == 0 || part[^1] == '\uFFFD')
        {
            return "";
        }

        window.RemoveRange(0, known);
        known = window.Count;
        return part;
    }

    /// <summary>What is left once no more tokens come, even if it is no whole character.</summary>
    public string End() => Pending();

    string Pending()
    {
        var (text, length) = (tokenizer.Decode(window), tokenizer.Decode(window.Take(known)).Length);
        return text[Math.Min(length, text.Length)..];
    }
}
