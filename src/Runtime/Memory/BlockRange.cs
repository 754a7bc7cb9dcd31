using OrtDpo.Runtime.Devices;

namespace OrtDpo.Runtime.Memory;

/// <summary>Blocks in one range of a device's memory, which grows with them; planned ones have places and no memory.</summary>
sealed class BlockRange : IDisposable
{
    readonly IMemoryRange? memory;
    readonly AddressSpace space;
    readonly nint start;
    readonly long granularity;
    long most;

    /// <param name="device">Whose memory it is.</param>
    /// <param name="isDry">Whether blocks have no memory.</param>
    /// <param name="dryAddress">Where a dry range begins.</param>
    public BlockRange(Device device, bool isDry, nint dryAddress)
    {
        memory = isDry ? null : device.Reserve();
        space = new AddressSpace(device.Alignment);
        granularity = device.Granularity;
        start = memory?.Address ?? dryAddress;
    }

    /// <summary>Bytes that the range holds, in use or free.</summary>
    public long Held => memory?.Committed ?? (space.End + granularity - 1) / granularity * granularity;

    /// <summary>Whether an address lies in it.</summary>
    public bool Contains(nint address) => address >= start && address < start + (nint)(memory?.Size ?? space.End);

    /// <summary>Places a block.</summary>
    /// <exception cref="OutOfMemoryException">The device gives no more memory.</exception>
    public nint Place(long bytes)
    {
        var place = space.Place(bytes);
        most = Math.Max(most, space.End);
        try
        {
            memory?.GrowTo(space.End);
        }
        catch (OutOfMemoryException)
        {
            space.Free(place);
            throw;
        }

        return start + (nint)place;
    }

    /// <summary>Frees the block at an address.</summary>
    public void Free(nint address) => space.Free(address - start);

    /// <summary>The furthest end since this was last asked; at least what is in use.</summary>
    public long TakeMost()
    {
        var result = Math.Max(most, space.InUse);
        most = 0;
        return result;
    }

    /// <summary>Gives up the hole at the end, down to <paramref name="least"/> bytes.</summary>
    public void ShrinkTo(long least)
    {
        space.Shrink(least);
        memory?.ShrinkTo(space.End);
    }

    public void Dispose()
    {
        memory?.ShrinkTo(0);
        memory?.Dispose();
    }
}
