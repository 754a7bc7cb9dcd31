using System.Buffers;

namespace OrtDpo.Quantization;

/// <summary>
/// Native memory of somebody else's, such as a mapped file's, as <see cref="Memory{T}"/>. The memory must outlive every use of the view,
/// and is only read where the view is handed on as <see cref="ReadOnlyMemory{T}"/>.
/// </summary>
/// <param name="address">The first byte.</param>
/// <param name="length">How many bytes.</param>
public sealed unsafe class ViewedBytes(nint address, int length) : MemoryManager<byte>
{
    public override Span<byte> GetSpan() => new((void*)address, length);

    public override MemoryHandle Pin(int elementIndex = 0) => new((byte*)address + elementIndex);

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }
}
