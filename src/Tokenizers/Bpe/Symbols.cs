namespace OrtDpo.Tokenizers.Bpe;

/// <summary>The tokens of one piece of text while they merge: a linked list, and a heap of the merges that are possible.</summary>
/// <remarks>The order is that of the merges' ranks, the left-most first among equals.</remarks>
sealed class Symbols
{
    readonly List<Symbol> list = [];
    readonly List<ulong> heap = [];
    int kept;

    /// <summary>Appends a token that stands for <paramref name="length"/> units of the piece.</summary>
    public void Add(int id, int length)
    {
        list.Add(new Symbol(id, length, list.Count - 1, list.Count + 1));
        kept++;
    }

    /// <summary>Merges until no merge is possible, and returns what is left.</summary>
    public (int[] Ids, int[] Lengths) Merge(MergeTable merges)
    {
        for (var i = 0; i + 1 < list.Count; i++)
        {
            Offer(merges, i, i + 1);
        }

        while (heap.Count > 0)
        {
            var top = Pop();
            var (rank, position) = ((int)(top >> 32), (int)(uint)top);
            var left = list[position];
            // An entry may be older than its symbols: it counts only while the same pair stands there.
            if (left.Id < 0 || left.Next == list.Count
                || !merges.TryGet(left.Id, list[left.Next].Id, out var merge) || merge.Rank != rank)
            {
                continue;
            }

            var right = list[left.Next];
            list[left.Next] = right with { Id = -1 };
            kept--;
            list[position] = left with { Id = merge.Id, Length = left.Length + right.Length, Next = right.Next };
            if (right.Next < list.Count)
            {
                list[right.Next] = list[right.Next] with { Previous = position };
                Offer(merges, position, right.Next);
            }

            if (left.Previous >= 0)
            {
                Offer(merges, left.Previous, position);
            }
        }

        return Kept();
    }

    (int[] Ids, int[] Lengths) Kept()
    {
        var (ids, lengths) = (new int[kept], new int[kept]);
        var at = 0;
        foreach (var symbol in list)
        {
            if (symbol.Id >= 0)
            {
                (ids[at], lengths[at]) = (symbol.Id, symbol.Length);
                at++;
            }
        }

        return (ids, lengths);
    }

    void Offer(MergeTable merges, int left, int right)
    {
        if (merges.TryGet(list[left].Id, list[right].Id, out var merge))
        {
            Push((ulong)(uint)merge.Rank << 32 | (uint)left);
        }
    }

    void Push(ulong entry)
    {
        heap.Add(entry);
        var at = heap.Count - 1;
        while (at > 0 && heap[(at - 1) / 2] > entry)
        {
            heap[at] = heap[(at - 1) / 2];
            at = (at - 1) / 2;
        }

        heap[at] = entry;
    }

    ulong Pop()
    {
        var top = heap[0];
        var entry = heap[^1];
        heap.RemoveAt(heap.Count - 1);
        if (heap.Count > 0)
        {
            Sink(entry);
        }

        return top;
    }

    void Sink(ulong entry)
    {
        var at = 0;
        for (var child = 1; child < heap.Count; child = (2 * at) + 1)
        {
            if (child + 1 < heap.Count && heap[child + 1] < heap[child])
            {
                child++;
            }

            if (heap[child] >= entry)
            {
                break;
            }

            heap[at] = heap[child];
            at = child;
        }

        heap[at] = entry;
    }

    // Id −1: merged into the symbol on its left. Previous −1 and Next = count: there is none.
    readonly record struct Symbol(int Id, int Length, int Previous, int Next);
}
