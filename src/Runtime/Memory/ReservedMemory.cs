using System.ComponentModel;
using System.Runtime.InteropServices;

namespace OrtDpo.Runtime.Memory;

/// <summary>
/// The host's addresses as a range of memory. A handle, so that what nobody disposes, as where a run throws, is freed all the same.
/// </summary>
sealed unsafe partial class ReservedMemory : SafeHandle, IMemoryRange
{
    // Fewer calls and longer pages where the system has them.
    const long Step = 1 << 20;

    const int NoAccess = 0;
    const int ReadWrite = 1 | 2;
    const int Private = 2;
    const int DontNeed = 4;
    const uint Commit = 0x1000;
    const uint Reserve = 0x2000;
    const uint Decommit = 0x4000;
    const uint Release = 0x8000;
    const uint PageNoAccess = 1;
    const uint PageReadWrite = 4;

    ReservedMemory(nint address, long size)
        : base(0, ownsHandle: true)
    {
        SetHandle(address);
        Size = size;
    }

    public override bool IsInvalid => handle == 0;

    public nint Address => handle;

    /// <summary>Bytes of the range.</summary>
    public long Size { get; }

    /// <summary>Bytes from the beginning that are memory.</summary>
    public long Committed { get; private set; }

    /// <summary>Reserves addresses; no memory yet.</summary>
    /// <exception cref="InsufficientMemoryException">The process may not have so many addresses.</exception>
    public static ReservedMemory Of(long size)
    {
        size = RoundUp(size);
        var address = OperatingSystem.IsWindows()
            ? VirtualAlloc(0, (nuint)size, Reserve, PageNoAccess)
            : Map(0, (nuint)size, NoAccess, Private | (OperatingSystem.IsMacOS() ? 0x1000 : 0x20 | 0x4000), -1, 0);
        return address is not (0 or -1) ? new ReservedMemory(address, size) : throw Failed("reserve", size);
    }

    /// <summary>Makes at least the first <paramref name="bytes"/> bytes memory.</summary>
    /// <exception cref="InsufficientMemoryException">The system gives no more memory.</exception>
    public void GrowTo(long bytes)
    {
        if (bytes <= Committed)
        {
            return;
        }

        var wanted = Math.Min(RoundUp(bytes), Size);
        var added = (nuint)(wanted - Committed);
        var start = handle + (nint)Committed;
        var done = wanted >= bytes && (OperatingSystem.IsWindows()
            ? VirtualAlloc(start, added, Commit, PageReadWrite) != 0
            : Protect(start, added, ReadWrite) == 0);
        if (!done)
        {
            throw Failed("give", bytes - Committed);
        }

        Committed = wanted;
    }

    /// <summary>Gives memory back but for the first <paramref name="bytes"/> bytes.</summary>
    public void ShrinkTo(long bytes)
    {
        var kept = RoundUp(bytes);
        if (kept >= Committed)
        {
            return;
        }

        var (start, length) = (handle + (nint)kept, (nuint)(Committed - kept));
        if (OperatingSystem.IsWindows())
        {
            VirtualFree(start, length, Decommit);
        }
        else
        {
            Advise(start, length, DontNeed);
            Protect(start, length, NoAccess);
        }

        Committed = kept;
    }

    /// <summary>Makes what is memory accessible, or such that every access ends the process: for tests, on systems with mprotect.</summary>
    internal void Allow(bool access)
    {
        if (Committed > 0 && Protect(handle, (nuint)Committed, access ? ReadWrite : NoAccess) != 0)
        {
            throw Failed("protect", Committed);
        }
    }

    protected override bool ReleaseHandle() =>
        OperatingSystem.IsWindows() ? VirtualFree(handle, 0, Release) : Unmap(handle, (nuint)Size) == 0;

    static long RoundUp(long bytes) => (bytes + Step - 1) / Step * Step;

    static InsufficientMemoryException Failed(string what, long bytes) => new(
        $"The system does not {what} {bytes >> 20} MiB more of memory: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}.");

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "madvise", SetLastError = true)]
    private static partial int Advise(nint address, nuint length, int advice);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(nint address, nuint length);

    [LibraryImport("kernel32", SetLastError = true)]
    private static partial nint VirtualAlloc(nint address, nuint size, uint type, uint protection);

    [LibraryImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool VirtualFree(nint address, nuint size, uint type);
}
