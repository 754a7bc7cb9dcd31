namespace OrtDpo.Runtime.Heads;

/// <summary>
/// How the product of rows with the vocabulary is divided, so that neither logits nor float32 copies of weights grow with it.
/// </summary>
/// <param name="Vocabulary">Lines of the matrix: V.</param>
/// <param name="Lines">Lines of a part.</param>
/// <param name="Rows">Rows that meet a part at once.</param>
public readonly record struct VocabularyParts(int Vocabulary, int Lines, int Rows)
{
    // A part's float32 weights, and its logits, at most. Smaller ones run the products slower, larger ones only take memory (bench/).
    const long WeightBytes = 16L << 20;
    const long LogitBytes = 16L << 20;

    /// <summary>The division for a vocabulary of <paramref name="vocabulary"/> tokens and <paramref name="hidden"/> features.</summary>
    public static VocabularyParts Of(int vocabulary, int hidden)
    {
        var most = (int)Math.Clamp(WeightBytes / (hidden * (long)sizeof(float)), 256, 16_384);
        var lines = Evenly(vocabulary, most);
        return new(vocabulary, lines, (int)Math.Clamp(LogitBytes / (lines * (long)sizeof(float)), 16, int.MaxValue));
    }

    /// <summary>The parts: first line and lines.</summary>
    public IEnumerable<(int First, int Count)> Parts() => Ranges(Vocabulary, Lines);

    /// <summary>Ranges of <paramref name="rows"/> rows.</summary>
    public IEnumerable<(int First, int Count)> Chunks(int rows) => Ranges(rows, Evenly(rows, Rows));

    // Equal parts, up to the last: a short one runs slowly, and blocks of one size serve again.
    static int Evenly(int all, int most) => (all + Count(all, most) - 1) / Count(all, most);

    static int Count(int all, int most) => Math.Max(1, (all + most - 1) / most);

    static IEnumerable<(int First, int Count)> Ranges(int all, int size)
    {
        for (var first = 0; first < all; first += size)
        {
            yield return (first, Math.Min(size, all - first));
        }
    }
}
