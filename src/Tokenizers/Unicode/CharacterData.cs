namespace OrtDpo.Tokenizers.Unicode;

/// <summary>What Unicode 9.0, by which Hugging Face's tokenizers normalize, says of characters. Made by eng/unicode/make.mjs.</summary>
static class CharacterData
{
    static readonly Dictionary<int, byte> Classes = [];
    static readonly Dictionary<int, int[]> Canonical = [];
    static readonly Dictionary<int, int[]> Compatible = [];
    static readonly Dictionary<(int First, int Second), int> Composites = [];
    static readonly HashSet<int> Seconds = [];
    static readonly HashSet<int> Marks = [];
    static readonly HashSet<int> PunctuationMarks = [];

    static CharacterData()
    {
        using var stream = typeof(CharacterData).Assembly.GetManifestResourceStream("characters.bin")!;
        using var reader = new BinaryReader(stream);
        ReadRuns(reader, valued: true, (c, value) => Classes[c] = (byte)value);
        ReadDecompositions(reader, Canonical);
        ReadDecompositions(reader, Compatible);
        for (var left = reader.Read7BitEncodedInt(); left > 0; left--)
        {
            var pair = (reader.Read7BitEncodedInt(), reader.Read7BitEncodedInt());
            Composites[pair] = reader.Read7BitEncodedInt();
            Seconds.Add(pair.Item2);
        }

        ReadRuns(reader, valued: false, (c, _) => Marks.Add(c));
        ReadRuns(reader, valued: false, (c, _) => PunctuationMarks.Add(c));
    }

    /// <summary>The canonical combining class.</summary>
    public static byte CombiningClass(int codePoint) => Classes.GetValueOrDefault(codePoint);

    /// <summary>The full decomposition, of which Hangul syllables are no part; null: the character itself.</summary>
    public static int[]? Decomposition(int codePoint, bool compatible) =>
        compatible && Compatible.TryGetValue(codePoint, out var wide) ? wide : Canonical.GetValueOrDefault(codePoint);

    /// <summary>The character that two make together, of which Hangul syllables are no part; −1: there is none.</summary>
    public static int Composite(int first, int second) => Composites.GetValueOrDefault((first, second), -1);

    /// <summary>Whether any character composes with <paramref name="codePoint"/> after it.</summary>
    public static bool IsSecond(int codePoint) => Seconds.Contains(codePoint);

    /// <summary>Category M.</summary>
    public static bool IsMark(int codePoint) => Marks.Contains(codePoint);

    /// <summary>Category P as of Unicode 8.0, which is what splitting at punctuation goes by.</summary>
    public static bool IsPunctuation(int codePoint) => PunctuationMarks.Contains(codePoint);

    static void ReadRuns(BinaryReader reader, bool valued, Action<int, int> add)
    {
        var at = 0;
        for (var left = reader.Read7BitEncodedInt(); left > 0; left--)
        {
            at += reader.Read7BitEncodedInt();
            var end = at + reader.Read7BitEncodedInt();
            var value = valued ? reader.Read7BitEncodedInt() : 0;
            for (; at < end; at++)
            {
                add(at, value);
            }
        }
    }

    static void ReadDecompositions(BinaryReader reader, Dictionary<int, int[]> decompositions)
    {
        var codePoint = 0;
        for (var left = reader.Read7BitEncodedInt(); left > 0; left--)
        {
            codePoint += reader.Read7BitEncodedInt();
            var parts = new int[reader.Read7BitEncodedInt()];
            for (var i = 0; i < parts.Length; i++)
            {
                parts[i] = reader.Read7BitEncodedInt();
            }

            decompositions[codePoint] = parts;
        }
    }
}
