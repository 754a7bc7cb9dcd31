using System.Runtime.InteropServices;

namespace OrtDpo.Models;

/// <summary>
/// Native memory that a tensor lies in. A handle, so that what nobody disposes, as where a run throws, is freed all the same.
/// </summary>
public sealed unsafe class NativeBlock : SafeHandle
{
    /// <summary>One cache line, and the widest vector.</summary>
    public const int Alignment = 64;

    NativeBlock(long bytes)
        : base(0, ownsHandle: true)
    {
        Bytes = bytes;
        SetHandle((nint)NativeMemory.AlignedAlloc((nuint)bytes, Alignment));
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>The first byte's address, a multiple of <see cref="Alignment"/>; valid until the block is disposed.</summary>
    public nint Address => handle;

    /// <summary>The size; at least what was asked for.</summary>
    public long Bytes { get; }

    /// <summary>Allocates at least <paramref name="bytes"/> bytes; their contents are undefined.</summary>
    /// <exception cref="OutOfMemoryException">The system gives no more memory.</exception>
    public static NativeBlock Allocate(long bytes) => new(Math.Max(Alignment, (bytes + Alignment - 1) / Alignment * Alignment));

    protected override bool ReleaseHandle()
    {
        NativeMemory.AlignedFree((void*)handle);
        return true;
    }
}
