using OrtDpo.Models;

namespace OrtDpo.Runtime.Memory;

/// <summary>
/// Native blocks for activations, handed out again after use: touching fresh pages for every tensor costs a fifth of a training step. Not
/// thread-safe: one owner, one thread.
/// </summary>
public sealed class MemoryPool : IDisposable
{
    // A free block serves requests down to 4/5 of its size; batches of similar width then share their blocks.
    const double LeastFill = 0.8;

    readonly SortedDictionary<long, Stack<(NativeBlock Block, int Age)>> free = [];
    readonly HashSet<NativeBlock> rented = [];
    int age;
    bool disposed;

    /// <summary>Bytes that the pool holds, in use or free.</summary>
    public long Held { get; private set; }

    internal NativeBlock Rent(long bytes)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        foreach (var (size, blocks) in free)
        {
            if (size >= bytes && size * LeastFill <= bytes)
            {
                var (block, _) = blocks.Pop();
                if (blocks.Count == 0)
                {
                    free.Remove(size);
                }

                rented.Add(block);
                return block;
            }

            if (size * LeastFill > bytes)
            {
                break;
            }
        }

        var fresh = NativeBlock.Allocate(bytes);
        Held += fresh.Bytes;
        rented.Add(fresh);
        return fresh;
    }

    internal void Return(NativeBlock block)
    {
        if (disposed)
        {
            return;
        }

        if (!rented.Remove(block))
        {
            throw new InvalidOperationException("A block was returned that this pool did not hand out, or twice.");
        }

        if (!free.TryGetValue(block.Bytes, out var blocks))
        {
            free.Add(block.Bytes, blocks = new());
        }

        blocks.Push((block, age));
    }

    /// <summary>Marks the end of a step, and gives back to the system what has lain free for several steps.</summary>
    public void EndStep(int keepSteps = 3)
    {
        age++;
        foreach (var (size, blocks) in free.ToArray())
        {
            var kept = blocks.Where(b => age - b.Age <= keepSteps).Reverse().ToArray();
            foreach (var (block, _) in blocks.Where(b => age - b.Age > keepSteps))
            {
                Release(block);
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

    /// <summary>Frees every block, those too that nobody returned, as where a run threw: tensors do not outlive their pool.</summary>
    public void Dispose()
    {
        disposed = true;
        foreach (var block in free.Values.SelectMany(blocks => blocks.Select(b => b.Block)).Concat(rented))
        {
            Release(block);
        }

        free.Clear();
        rented.Clear();
    }

    void Release(NativeBlock block)
    {
        Held -= block.Bytes;
        block.Dispose();
    }
}
