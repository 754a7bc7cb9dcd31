using System.Buffers;
using Apache.Arrow.Memory;

namespace OrtDpo.Data;

/// <summary>
/// The memory that columns of an Arrow file are read into. The package makes room for as many bytes as a compressed buffer claims, and
/// fills them with zeros; what no file of this length holds is refused instead.
/// </summary>
/// <param name="fileBytes">The file's length.</param>
sealed class ArrowMemory(long fileBytes) : NativeMemoryAllocator
{
    // LZ4 makes at most 255 bytes of one. A small file of zstd, which can make more, has room beside.
    const int MostOfOneByte = 255;
    const long Beside = 64L << 20;

    protected override IMemoryOwner<byte> AllocateInternal(int length, out int bytesAllocated) =>
        length <= Beside + (MostOfOneByte * fileBytes)
            ? base.AllocateInternal(length, out bytesAllocated)
            : throw new InvalidDataException($"a column claims {length} bytes, and the file has {fileBytes}");
}
