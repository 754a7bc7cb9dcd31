using ZstdSharp;
using ZstdSharp.Unsafe;

namespace OrtDpo.Data;

/// <summary>The text of a Zstandard file, of one or several frames, forwards only.</summary>
sealed class ZstdFile : DecompressionStream
{
    // The most that the format allows: files of zstd's option for long distances are read too.
    const int WindowLog = 31;

    readonly string path;

    internal ZstdFile(FileStream file)
        : base(file, checkEndOfStream: true, leaveOpen: false)
    {
        path = file.Name;
        SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, WindowLog);
    }

    internal static bool Is(FileStream file)
    {
        Span<byte> magic = stackalloc byte[4];
        var isZstd = file.ReadAtLeast(magic, 4, throwOnEndOfStream: false) == 4 && magic is [0x28, 0xB5, 0x2F, 0xFD];
        file.Position = 0;
        return isZstd;
    }

    /// <exception cref="InvalidDataException">The file is damaged or cut short.</exception>
    public override int Read(Span<byte> buffer)
    {
        try
        {
            return base.Read(buffer);
        }
        catch (Exception e) when (e is ZstdException or EndOfStreamException)
        {
            throw new InvalidDataException(
                $"{path} is damaged or cut short: its zstd data does not end as it should ({e.Message.TrimEnd('.')}). Get the file again.",
                e);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
}
