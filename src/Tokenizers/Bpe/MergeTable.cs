namespace OrtDpo.Tokenizers.Bpe;

/// <summary>Which neighbouring tokens become one, and in which order: the lowest rank first.</summary>
sealed class MergeTable
{
    readonly Dictionary<ulong, (int Rank, int Id)> merges = [];

    /// <summary>The merges in the order in which they were added.</summary>
    public IReadOnlyList<(int Left, int Right, int Rank, int Id)> All => all;

    readonly List<(int Left, int Right, int Rank, int Id)> all = [];

    /// <summary>Adds a merge; of two for the same pair the later one counts.</summary>
    public void Add(int left, int right, int rank, int id)
    {
        merges[Key(left, right)] = (rank, id);
        all.Add((left, right, rank, id));
    }

    /// <summary>Whether <paramref name="left"/> and <paramref name="right"/> merge.</summary>
    public bool TryGet(int left, int right, out (int Rank, int Id) merge) => merges.TryGetValue(Key(left, right), out merge);

    static ulong Key(int left, int right) => (ulong)(uint)left << 32 | (uint)right;
}
