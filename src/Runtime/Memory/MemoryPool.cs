using System.Runtime.InteropServices;

namespace OrtDpo.Runtime.Memory;

/// <summary>
/// Native blocks for activations, handed out again after use: touching fresh pages for every tensor costs a fifth of a training step. Not
/// thread-safe: one owner, one thread.
/// </summary>
public sealed unsafe class MemoryPool : IDisposable
{
    const int Alignment = 64;

    // A free block serves requests down to 4/5 of its size; batches of similar width then share their blocks.
    const double LeastFill = 0.8;

    readonly SortedDictionary<long, Stack<(nint Pointer, int Age)>> free = [];
    readonly HashSet<nint> rented = [];
    int age;
    bool disposed;

    /// <summary>Bytes that the pool holds, in use or free.</summary>
    public long Held { get; private set; }

    internal (nint Pointer, long Capacity) Rent(long bytes)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        foreach (var (size, blocks) in free)
        {
            if (size >= bytes && size * LeastFill <= bytes)
            {
                var (pointer, _) = blocks.Pop();
                if (blocks.Count == 0)
                {
                    free.Remove(size);
                }

                rented.Add(pointer);
                return (pointer, size);
            }

            if (size * LeastFill > bytes)
            {
                break;
            }
        }

        var capacity = Math.Max(Alignment, (bytes + Alignment - 1) / Alignment * Alignment);
        var fresh = (nint)NativeMemory.AlignedAlloc((nuint)capacity, Alignment);
        Held += capacity;
        rented.Add(fresh);
        return (fresh, capacity);
    }

    internal void Return(nint pointer, long capacity)
    {
        if (!rented.Remove(pointer))
        {
            throw new InvalidOperationException("A block was returned that this pool did not hand out, or twice.");
        }

        if (disposed)
        {
            Release(pointer, capacity);
            return;
        }

        if (!free.TryGetValue(capacity, out var blocks))
        {
            free.Add(capacity, blocks = new());
        }

        blocks.Push((pointer, age));
    }

    /// <summary>Marks the end of a step, and gives back to the system what has lain free for several steps.</summary>
    public void EndStep(int keepSteps = 3)
    {
        age++;
        foreach (var (size, blocks) in free.ToArray())
        {
            var kept = blocks.Where(b => age - b.Age <= keepSteps).Reverse().ToArray();
            foreach (var (pointer, _) in blocks.Where(b => age - b.Age > keepSteps))
            {
                Release(pointer, size);
            }

            if (kept.Length == 0)
            {
                free.Remove(size);
            }
            else if (kept.Length < blocks.Count)
            {
                free[size] = new(kept);
            }
        }
    }

    public void Dispose()
    {
        if (disposed)
        {
            return;
        }

        disposed = true;
        foreach (var (size, blocks) in free)
        {
            foreach (var (pointer, _) in blocks)
            {
                Release(pointer, size);
            }
        }

        free.Clear();
    }

    void Release(nint pointer, long capacity)
    {
        NativeMemory.AlignedFree((void*)pointer);
        Held -= capacity;
    }
}
