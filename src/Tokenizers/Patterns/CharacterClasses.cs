using System.Globalization;
using OrtDpo.Tokenizers.Unicode;

namespace OrtDpo.Tokenizers.Patterns;

/// <summary>The named sets of code points that patterns speak of.</summary>
static class CharacterClasses
{
    static readonly string[] CategoryNames =
    [
        "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Pc", "Pd", "Ps", "Pe",
        "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Cn",
    ];

    /// <summary>Unicode's White_Space.</summary>
    public static bool IsWhiteSpace(int codePoint) => codePoint < 0x10000 && char.IsWhiteSpace((char)codePoint);

    /// <summary>Categories Nd, Nl and No as of Unicode 17, which splitting at digits goes by; patterns' \p{N} is Unicode 16's.</summary>
    public static bool IsNumeric(int codePoint) => CharUnicodeInfo.GetUnicodeCategory(codePoint)
        is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber
        || codePoint is (>= 0x11DE0 and <= 0x11DE9) or (>= 0x16FF4 and <= 0x16FF6);

    /// <summary>A character of a word: alphabetic, mark, decimal digit, connector or joiner (UTS 18, annex C).</summary>
    public static bool IsWord(int codePoint) => CharUnicodeInfo.GetUnicodeCategory(codePoint) switch
    {
        <= UnicodeCategory.LetterNumber => true,
        UnicodeCategory.ConnectorPunctuation => true,
        // The circled and squared letters are the symbols that are alphabetic.
        UnicodeCategory.OtherSymbol => codePoint is (>= 0x24B6 and <= 0x24E9) or (>= 0x1F130 and <= 0x1F149)
            or (>= 0x1F150 and <= 0x1F169) or (>= 0x1F170 and <= 0x1F189),
        _ => codePoint is 0x200C or 0x200D,
    };

    /// <summary>Oniguruma's <c>\w</c> within brackets.</summary>
    public static bool IsBracketWord(int codePoint) => IsWord(codePoint) && codePoint is not (0x200C or 0x200D);

    /// <summary>Oniguruma's <c>\w</c> outside brackets, where alone Latin-1's other numbers belong to it.</summary>
    public static bool IsPatternWord(int codePoint) =>
        IsBracketWord(codePoint) || codePoint is 0xB2 or 0xB3 or 0xB9 or (>= 0xBC and <= 0xBE);

    /// <summary>What splitting at punctuation goes by: ASCII's, and category P as of Unicode 8.0.</summary>
    public static bool IsPunctuation(int codePoint) =>
        codePoint < 0x80 ? char.IsPunctuation((char)codePoint) || char.IsSymbol((char)codePoint) : CharacterData.IsPunctuation(codePoint);

    /// <summary>Whether a code point has the general category <paramref name="name"/>, such as Lu or L; null: no such one.</summary>
    public static Func<int, bool>? Property(string name)
    {
        uint categories = 0;
        for (var i = 0; i < CategoryNames.Length; i++)
        {
            if (CategoryNames[i] == name || (name.Length == 1 && CategoryNames[i][0] == name[0]))
            {
                categories |= 1u << i;
            }
        }

        return categories == 0 ? null : codePoint => (categories >> (int)CharUnicodeInfo.GetUnicodeCategory(codePoint) & 1) != 0;
    }

    /// <summary>The code points that are <paramref name="codePoint"/> when case does not matter. ASCII, and what folds to ASCII.</summary>
    public static int[] CaseVariants(int codePoint) => codePoint switch
    {
        's' or 'S' or 0x17F => ['s', 'S', 0x17F],
        'k' or 'K' or 0x212A => ['k', 'K', 0x212A],
        _ when codePoint < 0x80 && char.IsAsciiLetter((char)codePoint) => [codePoint | 0x20, codePoint & ~0x20],
        _ => [codePoint],
    };
}
