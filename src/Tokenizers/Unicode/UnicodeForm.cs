using System.Text;
using OrtDpo.Tokenizers.Patterns;

namespace OrtDpo.Tokenizers.Unicode;

/// <summary>One of Unicode's normalization forms (UAX 15). string.Normalize does nothing in a program without globalization data.</summary>
sealed class UnicodeForm
{
    // Lazy: each takes milliseconds to make, and few tokenizers need any.
    static readonly Lazy<UnicodeForm> LazyNfc = new(() => new UnicodeForm(compatible: false, composed: true));
    static readonly Lazy<UnicodeForm> LazyNfd = new(() => new UnicodeForm(compatible: false, composed: false));
    static readonly Lazy<UnicodeForm> LazyNfkc = new(() => new UnicodeForm(compatible: true, composed: true));
    static readonly Lazy<UnicodeForm> LazyNfkd = new(() => new UnicodeForm(compatible: true, composed: false));

    readonly bool compatible;
    readonly bool composed;
    readonly CodePointSet unchanged;

    UnicodeForm(bool compatible, bool composed)
    {
        (this.compatible, this.composed) = (compatible, composed);
        unchanged = new CodePointSet(IsUnchanged);
    }

    public static UnicodeForm Nfc => LazyNfc.Value;

    public static UnicodeForm Nfd => LazyNfd.Value;

    public static UnicodeForm Nfkc => LazyNfkc.Value;

    public static UnicodeForm Nfkd => LazyNfkd.Value;

    /// <summary><paramref name="text"/>, which must be well-formed UTF-16, in this form.</summary>
    public string Normalize(string text)
    {
        // What stands before the first character that may change composes with it.
        var (start, end) = (0, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            if (!unchanged.Contains(rune.Value))
            {
                break;
            }

            (start, end) = (end, end + rune.Utf16SequenceLength);
        }

        if (end == text.Length)
        {
            return text;
        }

        var characters = Decomposed(text.AsSpan(start));
        if (composed)
        {
            Compose(characters);
        }

        var normalized = new StringBuilder(text, 0, start, text.Length);
        foreach (var character in characters)
        {
            normalized.Append(new Rune(character));
        }

        return normalized.ToString();
    }

    // Alone the same in this form, and never touched by what stands beside it unless that is not such a character.
    bool IsUnchanged(int codePoint)
    {
        if (codePoint is >= 0xD800 and < 0xE000)
        {
            return true;
        }

        if (CharacterData.CombiningClass(codePoint) != 0
            || (composed && (CharacterData.IsSecond(codePoint) || Hangul.IsSecond(codePoint))))
        {
            return false;
        }

        var characters = Decomposed(char.ConvertFromUtf32(codePoint));
        if (composed)
        {
            Compose(characters);
        }

        return characters is [var only] && only == codePoint;
    }

    List<int> Decomposed(ReadOnlySpan<char> text)
    {
        var characters = new List<int>(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (CharacterData.Decomposition(rune.Value, compatible) is { } parts)
            {
                Array.ForEach(parts, part => AddInOrder(characters, part));
            }
            else if (!Hangul.Decompose(rune.Value, characters))
            {
                AddInOrder(characters, rune.Value);
            }
        }

        return characters;
    }

    // Neighbouring marks stand in the order of their combining classes, equals as they came.
    static void AddInOrder(List<int> characters, int codePoint)
    {
        var at = characters.Count;
        var combining = CharacterData.CombiningClass(codePoint);
        while (combining != 0 && at > 0 && CharacterData.CombiningClass(characters[at - 1]) > combining)
        {
            at--;
        }

        characters.Insert(at, codePoint);
    }

    // A character joins the starter before it unless one between them has its class or a higher one, or is a starter.
    static void Compose(List<int> characters)
    {
        var (starter, kept, blocking) = (-1, 0, -1);
        for (var i = 0; i < characters.Count; i++)
        {
            var codePoint = characters[i];
            var combining = CharacterData.CombiningClass(codePoint);
            if (starter >= 0 && blocking < combining && Composite(characters[starter], codePoint) is >= 0 and var composite)
            {
                characters[starter] = composite;
                continue;
            }

            if (combining == 0)
            {
                (starter, blocking) = (kept, -1);
            }
            else
            {
                blocking = combining;
            }

            characters[kept++] = codePoint;
        }

        characters.RemoveRange(kept, characters.Count - kept);
    }

    static int Composite(int first, int second) =>
        Hangul.Composite(first, second) is >= 0 and var syllable ? syllable : CharacterData.Composite(first, second);
}
