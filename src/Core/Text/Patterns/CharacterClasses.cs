using System.Globalization;

namespace OrtDpo.Core.Text.Patterns;

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

    /// <summary>Categories Nd, Nl and No.</summary>
    public static bool IsNumeric(int codePoint) => CharUnicodeInfo.GetUnicodeCategory(codePoint)
        is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;

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
