using System.Runtime.InteropServices;

namespace OrtDpo.Runtime.Memory;

/// <summary>
/// Native memory that is handed out again after use, for activations and for what ONNX Runtime needs while a session runs: touching fresh
/// pages for every tensor costs a fifth of a training step. Blocks lie in one range by <see cref="AddressSpace"/>, each charged to what it
/// is for. Thread-safe.
/// </summary>
public sealed unsafe class MemoryPool : IDisposable
{
    /// <summary>Smaller blocks are the C library's: they would only split the range.</summary>
    internal const long LeastPlaced = 64 << 10;

    // Where a dry pool's range begins; nothing lies there.
    const nint DryAddress = 1 << 30;

    static readonly Lock Registry = new();
    static MemoryPool[] pools = [];

    [ThreadStatic]
    static MemoryPool? current;

    readonly Lock gate = new();
    readonly ReservedMemory? memory;
    readonly AddressSpace space = new();
    readonly Dictionary<nint, (long Bytes, MemoryPurpose Purpose)> rented = [];
    // Memory behind blocks of a dry pool that somebody reads or writes.
    readonly Dictionary<nint, nint> touched = [];
    readonly Queue<long> ends = [];
    long endOfStep;
    long outside;
    MemoryPurpose lent;
    bool disposed;

    /// <summary>A pool over memory of its own.</summary>
    public MemoryPool()
        : this(isDry: false)
    {
    }

    MemoryPool(bool isDry)
    {
        IsDry = isDry;
        if (!isDry)
        {
            // No more than the machine has could ever be in use.
            memory = ReservedMemory.Of(Math.Max(1L << 30, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes));
            lock (Registry)
            {
                pools = [.. pools, this];
            }
        }
    }

    /// <summary>Where the pool's blocks are charged.</summary>
    public MemoryLedger Ledger { get; } = new();

    /// <summary>Whether sessions that get their memory here do not run, but rent and return what they would.</summary>
    public bool IsDry { get; }

    /// <summary>Bytes that the pool holds, in use or free.</summary>
    public long Held => memory is not null ? memory.Committed : space.End;

    /// <summary>The most bytes that the pool held so far.</summary>
    public long MostHeld { get; private set; }

    /// <summary>What the memory is for, where it was most.</summary>
    public MemoryUse Use => new(Enum.GetValues<MemoryPurpose>().ToDictionary(p => p, Ledger.AtPeak), MostHeld + outside);

    internal bool IsDisposed => disposed;

    nint Start => memory?.Address ?? DryAddress;

    /// <summary>A pool for planning: blocks have places and no memory.</summary>
    public static MemoryPool Dry() => new(isDry: true);

    /// <summary>Charges memory that lies elsewhere as long as the pool lives: pages of files.</summary>
    /// <param name="purpose">What it is for.</param>
    /// <param name="bytes">Its size.</param>
    /// <param name="isOwn">Whether it becomes the process's own, since it is written.</param>
    internal void ChargeOutside(MemoryPurpose purpose, long bytes, bool isOwn)
    {
        Ledger.Charge(purpose, bytes);
        outside += isOwn ? bytes : 0;
    }

    internal nint Rent(long bytes, MemoryPurpose purpose)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            var address = bytes < LeastPlaced ? Allocate(bytes) : Place(bytes);
            rented.Add(address, (bytes, purpose));
            Ledger.Charge(purpose, bytes);
            return address;
        }
    }

    internal void Return(nint address)
    {
        lock (gate)
        {
            if (disposed)
            {
                return;
            }

            if (!rented.Remove(address, out var block))
            {
                throw new InvalidOperationException("A block was returned that this pool did not hand out, or twice.");
            }

            Ledger.Charge(block.Purpose, -block.Bytes);
            if (block.Bytes < LeastPlaced)
            {
                NativeMemory.AlignedFree((void*)address);
                return;
            }

            space.Free(address - Start);
            if (touched.Remove(address, out var real))
            {
                NativeMemory.AlignedFree((void*)real);
            }
        }
    }

    /// <summary>Memory to read and write at <paramref name="address"/>; in a dry pool a block gets it when it is first asked for.</summary>
    internal nint Memory(nint address, long bytes)
    {
        if (!IsDry || bytes < LeastPlaced)
        {
            return address;
        }

        lock (gate)
        {
            if (!touched.TryGetValue(address, out var real))
            {
                touched.Add(address, real = Allocate(bytes));
            }

            return real;
        }
    }

    /// <summary>Marks the end of a step, and gives back to the system what the last steps did not need.</summary>
    public void EndStep(int keepSteps = 3)
    {
        lock (gate)
        {
            ends.Enqueue(Math.Max(endOfStep, space.InUse));
            endOfStep = 0;
            while (ends.Count > keepSteps)
            {
                ends.Dequeue();
            }

            space.Shrink(ends.Count == 0 ? 0 : ends.Max());
            memory?.ShrinkTo(space.End);
        }
    }

    /// <summary>Frees every block, those too that nobody returned, as where a run threw: tensors do not outlive their pool.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (disposed)
            {
                return;
            }

            disposed = true;
            foreach (var (address, (bytes, purpose)) in rented)
            {
                Ledger.Charge(purpose, -bytes);
                if (bytes < LeastPlaced)
                {
                    NativeMemory.AlignedFree((void*)address);
                }
            }

            foreach (var real in touched.Values)
            {
                NativeMemory.AlignedFree((void*)real);
            }

            rented.Clear();
            memory?.ShrinkTo(0);
            memory?.Dispose();
        }

        lock (Registry)
        {
            pools = [.. pools.Where(p => p != this)];
        }
    }

    /// <summary>
    /// Until the result is disposed, sessions that run on this thread get their memory here, charged to <paramref name="purpose"/>.
    /// </summary>
    internal Lending LendTo(MemoryPurpose purpose) => new(this, purpose);

    /// <summary>What a session asks for; 0 where no pool lends.</summary>
    internal static nint RentForSession(long bytes) => current?.Rent(bytes, current.lent) ?? 0;

    /// <summary>Takes back what a session was given, on whatever thread; false where it is no pool's.</summary>
    internal static bool ReturnOfSession(nint address)
    {
        foreach (var pool in pools)
        {
            if (address >= pool.Start && address < pool.Start + (nint)pool.memory!.Size)
            {
                pool.Return(address);
                return true;
            }
        }

        return false;
    }

    nint Allocate(long bytes)
    {
        var address = NativeMemory.AlignedAlloc((nuint)Math.Max(bytes, 1), (nuint)AddressSpace.Alignment);
        if (IsDry)
        {
            // Nobody writes there what is read: zeros are the row numbers and lengths that fit any shape.
            NativeMemory.Clear(address, (nuint)bytes);
        }

        return (nint)address;
    }

    nint Place(long bytes)
    {
        var start = space.Place(bytes);
        endOfStep = Math.Max(endOfStep, space.End);
        try
        {
            memory?.GrowTo(space.End);
        }
        catch (OutOfMemoryException)
        {
            space.Free(start);
            throw;
        }

        MostHeld = Math.Max(MostHeld, Held);
        return Start + (nint)start;
    }

    /// <summary>Sessions of this thread borrow from a pool while it is held.</summary>
    internal readonly ref struct Lending : IDisposable
    {
        readonly MemoryPool? before;

        public Lending(MemoryPool pool, MemoryPurpose purpose)
        {
            before = current;
            current = pool;
            pool.lent = purpose;
        }

        public void Dispose() => current = before;
    }
}
