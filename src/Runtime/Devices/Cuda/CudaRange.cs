using OrtDpo.Runtime.Memory;

namespace OrtDpo.Runtime.Devices.Cuda;

/// <summary>A range of a device's addresses; each growth is a piece of memory of its own, which goes back as a whole.</summary>
sealed class CudaRange : IMemoryRange
{
    readonly CudaMemory memory;
    readonly long granularity;
    readonly Action synchronize;
    readonly Func<long, string> tooLittle;
    readonly Stack<(long Start, long Bytes, ulong Handle)> pieces = [];

    /// <param name="memory">The device's memory.</param>
    /// <param name="granularity">Pieces are multiples of this.</param>
    /// <param name="size">Bytes of the range.</param>
    /// <param name="synchronize">Waits until nobody uses the device.</param>
    /// <param name="tooLittle">From bytes that the device does not give to a sentence that says so.</param>
    public CudaRange(CudaMemory memory, long granularity, long size, Action synchronize, Func<long, string> tooLittle)
    {
        this.memory = memory;
        this.granularity = granularity;
        this.synchronize = synchronize;
        this.tooLittle = tooLittle;
        Size = RoundUp(size);
        Address = memory.Reserve(Size);
    }

    public nint Address { get; private set; }

    public long Size { get; }

    public long Committed { get; private set; }

    public void GrowTo(long bytes)
    {
        if (bytes <= Committed)
        {
            return;
        }

        var added = RoundUp(bytes) - Committed;
        if (Committed + added > Size)
        {
            throw new InsufficientMemoryException(tooLittle(added));
        }

        try
        {
            pieces.Push((Committed, added, memory.Map(Address + (nint)Committed, added)));
        }
        catch (InsufficientMemoryException exception)
        {
            throw new InsufficientMemoryException(tooLittle(added), exception);
        }

        Committed += added;
    }

    public void ShrinkTo(long bytes)
    {
        if (!pieces.TryPeek(out var last) || last.Start < bytes)
        {
            return;
        }

        // What was freed may still be in use: the device is behind the host.
        synchronize();
        while (pieces.TryPeek(out last) && last.Start >= bytes)
        {
            pieces.Pop();
            memory.Unmap(Address + (nint)last.Start, last.Bytes, last.Handle);
            Committed = last.Start;
        }
    }

    public void Dispose()
    {
        if (Address == 0)
        {
            return;
        }

        try
        {
            ShrinkTo(0);
            memory.Free(Address, Size);
        }
        catch (InvalidOperationException)
        {
            // A device that has failed takes nothing back, and why it failed is being said: this must not stand in the place of that.
        }

        Address = 0;
    }

    long RoundUp(long bytes) => (bytes + granularity - 1) / granularity * granularity;
}
