namespace OrtDpo.Tokenizers.Unicode;

/// <summary>Korean syllables, which decompose and compose by arithmetic (the Unicode Standard, 3.12).</summary>
static class Hangul
{
    const int FirstSyllable = 0xAC00;
    const int FirstLeading = 0x1100;
    const int FirstVowel = 0x1161;
    const int NoTrailing = 0x11A7;
    const int Leadings = 19;
    const int Vowels = 21;
    const int Trailings = 28;

    /// <summary>Adds the letters of a syllable; false: <paramref name="codePoint"/> is none.</summary>
    public static bool Decompose(int codePoint, List<int> letters)
    {
        var index = codePoint - FirstSyllable;
        if (index is < 0 or >= Leadings * Vowels * Trailings)
        {
            return false;
        }

        letters.Add(FirstLeading + (index / (Vowels * Trailings)));
        letters.Add(FirstVowel + (index / Trailings % Vowels));
        if (index % Trailings != 0)
        {
            letters.Add(NoTrailing + (index % Trailings));
        }

        return true;
    }

    /// <summary>The syllable of a leading consonant and a vowel, or of a syllable without trailing consonant and one; −1: none.</summary>
    public static int Composite(int first, int second)
    {
        var (leading, vowel) = (first - FirstLeading, second - FirstVowel);
        if (leading is >= 0 and < Leadings && vowel is >= 0 and < Vowels)
        {
            return FirstSyllable + (((leading * Vowels) + vowel) * Trailings);
        }

        var (syllable, trailing) = (first - FirstSyllable, second - NoTrailing);
        var open = syllable is >= 0 and < Leadings * Vowels * Trailings && syllable % Trailings == 0;
        return open && trailing is > 0 and < Trailings ? first + trailing : -1;
    }

    /// <summary>Whether a letter can join what stands before it.</summary>
    public static bool IsSecond(int codePoint) =>
        codePoint is (>= FirstVowel and < FirstVowel + Vowels) or (> NoTrailing and < NoTrailing + Trailings);
}
