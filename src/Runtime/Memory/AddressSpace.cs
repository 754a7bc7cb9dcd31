namespace OrtDpo.Runtime.Memory;

/// <summary>
/// Where blocks lie in a range that grows at its end: best fit, freed neighbours joined. Pure arithmetic, so that a plan places blocks as a
/// run does.
/// </summary>
/// <param name="alignment">Blocks begin and end at its multiples.</param>
sealed class AddressSpace(long alignment)
{
    readonly SortedSet<(long Size, long Start)> free = [];
    readonly Dictionary<long, long> freeByStart = [];
    readonly Dictionary<long, long> freeByEnd = [];
    readonly Dictionary<long, long> used = [];

    /// <summary>The first byte behind every block, used or free.</summary>
    public long End { get; private set; }

    /// <summary>Bytes of the blocks in use.</summary>
    public long InUse { get; private set; }

    /// <summary>
    /// Places a block of <paramref name="bytes"/> bytes, rounded up; the smallest hole that holds it, the first of equals.
    /// </summary>
    public long Place(long bytes)
    {
        var size = Math.Max(alignment, (bytes + alignment - 1) / alignment * alignment);
        long start;
        if (free.GetViewBetween((size, 0), (long.MaxValue, long.MaxValue)).Min is { Size: > 0 } hole)
        {
            Take(hole);
            start = hole.Start;
            if (hole.Size > size)
            {
                Add(start + size, hole.Size - size);
            }
        }
        else
        {
            // A hole at the end grows; without one the range does.
            start = End;
            if (freeByEnd.TryGetValue(End, out var last))
            {
                Take((End - last, last));
                start = last;
            }

            End = start + size;
        }

        used.Add(start, size);
        InUse += size;
        return start;
    }

    /// <summary>Frees the block that begins at <paramref name="start"/>.</summary>
    /// <returns>Its size; 0 where no block in use begins there.</returns>
    public long Free(long start)
    {
        if (!used.Remove(start, out var size))
        {
            return 0;
        }

        InUse -= size;
        var (from, to) = (start, start + size);
        if (freeByEnd.TryGetValue(from, out var before))
        {
            Take((from - before, before));
            from = before;
        }

        if (freeByStart.TryGetValue(to, out var after))
        {
            Take((after, to));
            to += after;
        }

        Add(from, to - from);
        return size;
    }

    /// <summary>Gives up the hole at the end, down to <paramref name="least"/>.</summary>
    public void Shrink(long least)
    {
        if (freeByEnd.TryGetValue(End, out var last) && End > least)
        {
            Take((End - last, last));
            End = Math.Max(last, least);
            if (End > last)
            {
                Add(last, End - last);
            }
        }
    }

    void Add(long start, long size)
    {
        free.Add((size, start));
        freeByStart.Add(start, size);
        freeByEnd.Add(start + size, start);
    }

    void Take((long Size, long Start) hole)
    {
        free.Remove(hole);
        freeByStart.Remove(hole.Start);
        freeByEnd.Remove(hole.Start + hole.Size);
    }
}
