using System.Runtime.InteropServices;
using OrtDpo.Runtime.Devices;

namespace OrtDpo.Runtime.Memory;

/// <summary>
/// A device's memory that is handed out again after use, for activations and for what ONNX Runtime needs while a session runs: touching
/// fresh pages for every tensor costs a fifth of a training step. Blocks lie in one range by <see cref="AddressSpace"/>, each charged to
/// what it is for. Thread-safe.
/// </summary>
/// <remarks>
/// A block may be handed out again as soon as it is returned: all that a device was asked to do with it comes before what it is asked
/// next.
/// </remarks>
public sealed unsafe class MemoryPool : IDisposable
{
    /// <summary>Smaller blocks would only split the range: on the host they are the C library's, elsewhere they have their own.</summary>
    internal const long LeastPlaced = 64 << 10;

    static readonly Lock Registry = new();
    static MemoryPool[] pools = [];

    [ThreadStatic]
    static MemoryPool? current;

    readonly Lock gate = new();
    readonly BlockRange blocks;
    // Of blocks below LeastPlaced; null where the C library has them.
    readonly BlockRange? small;
    readonly Dictionary<nint, (long Bytes, MemoryPurpose Purpose)> rented = [];
    readonly Queue<(long Blocks, long Small)> ends = [];
    long outside;
    MemoryPurpose lent;
    OutOfMemoryException? refusal;
    bool disposed;

    /// <summary>A pool over memory of a device.</summary>
    /// <param name="device">The device; null: the processor.</param>
    public MemoryPool(Device? device = null)
        : this(device ?? Device.Cpu, isDry: false)
    {
    }

    MemoryPool(Device device, bool isDry)
    {
        Device = device;
        IsDry = isDry;
        blocks = new BlockRange(device, isDry, DryAddress);
        // Planned blocks of the C library's have numbers for addresses, which count nowhere.
        small = device.IsHost && !isDry ? null : new BlockRange(device, isDry, DryAddress * 2);
        if (!isDry)
        {
            lock (Registry)
            {
                pools = [.. pools, this];
            }
        }
    }

    /// <summary>The device whose memory it is.</summary>
    public Device Device { get; }

    /// <summary>Where the pool's blocks are charged.</summary>
    public MemoryLedger Ledger { get; } = new();

    /// <summary>Whether sessions that get their memory here do not run, but rent and return what they would.</summary>
    public bool IsDry { get; }

    /// <summary>Bytes that the pool holds, in use or free.</summary>
    public long Held => blocks.Held + (Device.IsHost ? 0 : small!.Held);

    /// <summary>The most bytes that the pool held so far.</summary>
    public long MostHeld { get; private set; }

    /// <summary>What the memory is for, where it was most.</summary>
    public MemoryUse Use => new(Enum.GetValues<MemoryPurpose>().ToDictionary(p => p, Ledger.AtPeak), MostHeld + outside)
    {
        Device = Device,
    };

    internal bool IsDisposed => disposed;

    // Where the ranges of a dry pool begin; nothing lies there.
    static nint DryAddress => (nint)1 << 46;

    /// <summary>A pool for planning: blocks have places and no memory.</summary>
    /// <param name="device">The device whose memory is planned; null: the processor.</param>
    public static MemoryPool Dry(Device? device = null) => new(device ?? Device.Cpu, isDry: true);

    /// <summary>Charges memory that lies elsewhere as long as the pool lives: pages of files.</summary>
    /// <param name="purpose">What it is for.</param>
    /// <param name="bytes">Its size.</param>
    /// <param name="isOwn">Whether it becomes the process's own, since it is written.</param>
    internal void ChargeOutside(MemoryPurpose purpose, long bytes, bool isOwn)
    {
        Ledger.Charge(purpose, bytes);
        outside += isOwn ? bytes : 0;
    }

    /// <summary>Charges memory of the host's that a device's is beside, as long as the pool lives.</summary>
    /// <param name="purpose">What it is for.</param>
    /// <param name="bytes">Its size.</param>
    internal void ChargeBeside(MemoryPurpose purpose, long bytes) => Ledger.Charge(purpose, bytes);

    internal nint Rent(long bytes, MemoryPurpose purpose)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            var address = RangeOf(bytes) is { } range ? range.Place(bytes)
                : (nint)NativeMemory.AlignedAlloc((nuint)Math.Max(bytes, 1), (nuint)Device.Alignment);
            MostHeld = Math.Max(MostHeld, Held);
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
            if (RangeOf(block.Bytes) is { } range)
            {
                range.Free(address);
            }
            else
            {
                NativeMemory.AlignedFree((void*)address);
            }
        }
    }

    /// <summary>Marks the end of a step, and gives back to the system what the last steps did not need.</summary>
    public void EndStep(int keepSteps = 3)
    {
        lock (gate)
        {
            ends.Enqueue((blocks.TakeMost(), small?.TakeMost() ?? 0));
            while (ends.Count > keepSteps)
            {
                ends.Dequeue();
            }

            blocks.ShrinkTo(ends.Count == 0 ? 0 : ends.Max(end => end.Blocks));
            small?.ShrinkTo(ends.Count == 0 ? 0 : ends.Max(end => end.Small));
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
                if (RangeOf(bytes) is null)
                {
                    NativeMemory.AlignedFree((void*)address);
                }
            }

            rented.Clear();
            blocks.Dispose();
            small?.Dispose();
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

    /// <summary>
    /// Until the result is disposed, sessions that are loaded on this thread get their memory here where they run on another device. What
    /// they hold as long as they live on the host is the C library's.
    /// </summary>
    internal Lending LendForLoading() => new(Device.Lends(SessionAllocatorKind.Cpu) ? null : this, MemoryPurpose.Staging);

    /// <summary>What a session asks an allocator for; 0 where no pool of such memory lends.</summary>
    internal static nint RentForSession(long bytes, SessionAllocatorKind allocator) =>
        current is { } pool && pool.Device.Lends(allocator) ? pool.Rent(bytes, pool.lent) : 0;

    /// <summary>Remembers that the pool that lends on this thread had no memory for a session.</summary>
    internal static void Refuse(OutOfMemoryException exception)
    {
        if (current is { } pool)
        {
            pool.refusal = exception;
        }
    }

    /// <summary>Whether a session that ran did so without memory that it asked for: its numbers are worth nothing.</summary>
    /// <exception cref="OutOfMemoryException">It did.</exception>
    internal void RequireServed()
    {
        if (refusal is { } exception)
        {
            refusal = null;
            throw new InsufficientMemoryException(exception.Message, exception);
        }
    }

    /// <summary>Takes back what a session was given, on whatever thread; false where it is no pool's.</summary>
    internal static bool ReturnOfSession(nint address)
    {
        foreach (var pool in pools)
        {
            if (pool.blocks.Contains(address) || pool.small is { } range && range.Contains(address))
            {
                pool.Return(address);
                return true;
            }
        }

        return false;
    }

    BlockRange? RangeOf(long bytes) => bytes < LeastPlaced ? small : blocks;

    /// <summary>Sessions of this thread borrow from a pool while it is held.</summary>
    internal readonly ref struct Lending : IDisposable
    {
        readonly MemoryPool? before;

        public Lending(MemoryPool? pool, MemoryPurpose purpose)
        {
            before = current;
            current = pool;
            if (pool is not null)
            {
                pool.lent = purpose;
            }
        }

        public void Dispose() => current = before;
    }
}
