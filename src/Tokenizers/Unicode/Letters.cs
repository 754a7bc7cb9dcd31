using System.Text;

namespace OrtDpo.Tokenizers.Unicode;

/// <summary>What normalizers do to letters, each character by itself.</summary>
static class Letters
{
    /// <summary>Lower case as of Unicode 17, one character at a time: a sigma at the end of a word is no other than elsewhere.</summary>
    public static string Lower(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange('\0', '\u007F'))
        {
            return text.ToLowerInvariant();
        }

        var lower = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value == 0x130)
            {
                // The dotted capital I is the one letter whose small form is two characters.
                lower.Append("i\u0307");
                continue;
            }

            lower.Append(Rune.ToLowerInvariant(new Rune(Newer(rune.Value))));
        }

        return lower.ToString();
    }

    /// <summary><paramref name="text"/> without the characters that are marks.</summary>
    public static string WithoutMarks(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange('\0', '\u02FF'))
        {
            return text;
        }

        var kept = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes().Where(rune => !CharacterData.IsMark(rune.Value)))
        {
            kept.Append(rune);
        }

        return kept.ToString();
    }

    // Capitals of Unicode 17, which .NET 10's Unicode 16 does not know, to their small letters.
    static int Newer(int codePoint) => codePoint switch
    {
        0xA7CE or 0xA7D2 or 0xA7D4 => codePoint + 1,
        >= 0x16EA0 and <= 0x16EB8 => codePoint + 0x1B,
        _ => codePoint,
    };
}
