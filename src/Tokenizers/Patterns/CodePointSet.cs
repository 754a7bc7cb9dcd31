namespace OrtDpo.Tokenizers.Patterns;

/// <summary>A set of Unicode code points.</summary>
sealed class CodePointSet
{
    readonly ulong[] plane0 = new ulong[0x10000 / 64];
    readonly Func<int, bool> contains;

    public CodePointSet(Func<int, bool> contains)
    {
        this.contains = contains;
        // Nearly all text lies in the first plane: one bit test instead of a chain of predicates.
        for (var codePoint = 0; codePoint < 0x10000; codePoint++)
        {
            if (contains(codePoint))
            {
                plane0[codePoint >> 6] |= 1UL << (codePoint & 63);
            }
        }
    }

    public bool Contains(int codePoint) =>
        codePoint < 0x10000 ? (plane0[codePoint >> 6] >> (codePoint & 63) & 1) != 0 : contains(codePoint);
}
