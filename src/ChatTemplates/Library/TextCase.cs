using System.Text;

namespace OrtDpo.ChatTemplates.Library;

/// <summary>
/// Python's changes of case. It writes a few letters as several (ß as SS), or by what stands around them (Σ); .NET maps letter by letter.
/// Those letters are refused by name.
/// </summary>
static class TextCase
{
    static readonly (int First, int Last)[] UpperIsLonger =
    [
        (0xdf, 0xdf), (0x149, 0x149), (0x1f0, 0x1f0), (0x390, 0x390), (0x3b0, 0x3b0), (0x587, 0x587), (0x1e96, 0x1e9a), (0x1f50, 0x1f50),
        (0x1f52, 0x1f52), (0x1f54, 0x1f54), (0x1f56, 0x1f56), (0x1f80, 0x1faf), (0x1fb2, 0x1fb4), (0x1fb6, 0x1fb7), (0x1fbc, 0x1fbc),
        (0x1fc2, 0x1fc4), (0x1fc6, 0x1fc7), (0x1fcc, 0x1fcc), (0x1fd2, 0x1fd3), (0x1fd6, 0x1fd7), (0x1fe2, 0x1fe4), (0x1fe6, 0x1fe7),
        (0x1ff2, 0x1ff4), (0x1ff6, 0x1ff7), (0x1ffc, 0x1ffc), (0xfb00, 0xfb06), (0xfb13, 0xfb17),
    ];

    public static string Upper(string text, Place place) => string.Concat(text.EnumerateRunes().Select(rune => UpperOf(rune, place)));

    public static string Lower(string text, Place place) => string.Concat(text.EnumerateRunes().Select(rune => LowerOf(rune, place)));

    /// <summary>The first letter large, the others small.</summary>
    public static string Capitalize(string text, Place place) =>
        string.Concat(text.EnumerateRunes().Select((rune, i) => i == 0 ? TitleOf(rune, place) : LowerOf(rune, place)));

    /// <summary>As <c>str.title</c>: every letter behind a letter small, every other large.</summary>
    public static string Title(string text, Place place)
    {
        var titled = new StringBuilder();
        var behindLetter = false;
        foreach (var rune in text.EnumerateRunes())
        {
            titled.Append(behindLetter ? LowerOf(rune, place) : TitleOf(rune, place));
            behindLetter = IsCased(rune);
        }

        return titled.ToString();
    }

    static string UpperOf(Rune rune, Place place) => Array.Exists(UpperIsLonger, r => r.First <= rune.Value && rune.Value <= r.Last)
        ? throw place.Lacks($"'{rune}' in capitals")
        : Rune.ToUpperInvariant(rune).ToString();

    static string LowerOf(Rune rune, Place place) => rune.Value is 0x130 or 0x3a3
        ? throw place.Lacks($"'{rune}' in small letters")
        : Rune.ToLowerInvariant(rune).ToString();

    // Four Croatian letters have a third form, and Georgian has none.
    static string TitleOf(Rune rune, Place place) =>
        rune.Value is (>= 0x1c4 and <= 0x1cc) or (>= 0x1f1 and <= 0x1f3) or (>= 0x10d0 and <= 0x10ff)
            ? throw place.Lacks($"'{rune}' as first letter")
            : UpperOf(rune, place);

    static bool IsCased(Rune rune) =>
        Rune.IsUpper(rune) || Rune.IsLower(rune) || Rune.ToUpperInvariant(rune) != Rune.ToLowerInvariant(rune);
}
