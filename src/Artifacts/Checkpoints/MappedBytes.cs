using System.Buffers;
using System.IO.MemoryMappedFiles;

namespace OrtDpo.Artifacts.Checkpoints;

/// <summary>A file that is mapped into memory: nothing of it is read before it is used.</summary>
sealed unsafe class MappedBytes : MemoryManager<byte>
{
    readonly MemoryMappedViewAccessor? view;

    /// <param name="path">The file.</param>
    public MappedBytes(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        Length = stream.Length;
        if (Length == 0)
        {
            // Nothing can be mapped of it.
            return;
        }

        using var file = MemoryMappedFile.CreateFromFile(
            stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        view = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        Address = (nint)(start + view.PointerOffset);
    }

    /// <summary>The address of its first byte; 0 where it is empty.</summary>
    public nint Address { get; private set; }

    /// <summary>Its bytes.</summary>
    public long Length { get; }

    /// <summary>The file's bytes, where they are no more than the 2 GB that a span has.</summary>
    public override Span<byte> GetSpan() => new((void*)Address, checked((int)Length));

    public override MemoryHandle Pin(int elementIndex = 0) => new((byte*)Address + elementIndex);

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
        if (Address != 0)
        {
            Address = 0;
            view!.SafeMemoryMappedViewHandle.ReleasePointer();
            view.Dispose();
        }
    }
}
