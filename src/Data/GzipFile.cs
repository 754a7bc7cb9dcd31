using System.IO.Compression;

namespace OrtDpo.Data;

/// <summary>Opens gzip files, of one or several members, that are known to be whole.</summary>
static class GzipFile
{
    // Arbitrary bytes that no text ends with.
    static ReadOnlySpan<byte> EndMark => [0xFF, 0xC0, 0x9E, 0x37, 0x79, 0xB9, 0x7F, 0x4A, 0x7C, 0x15, 0xF3, 0x9C, 0xC0, 0x60, 0x5C, 0xFE];

    internal static bool IsGzip(FileStream file)
    {
        Span<byte> magic = stackalloc byte[2];
        var isGzip = file.ReadAtLeast(magic, 2, throwOnEndOfStream: false) == 2 && magic is [0x1F, 0x8B];
        file.Position = 0;
        return isGzip;
    }

    /// <summary>
    /// Reads the file once to its end, then from the beginning. A file that is cut short is noticed, which <see cref="GZipStream"/> by
    /// itself reports as an ordinary end: a small member is put behind the file's own,
    /// whose text comes out at the end only where the file is whole.
    /// </summary>
    /// <exception cref="InvalidDataException">The file is damaged or cut short.</exception>
    internal static Stream OpenWhole(FileStream file)
    {
        if (!IsWhole(file))
        {
            file.Dispose();
            throw new InvalidDataException($"{file.Name} is damaged or cut short: its gzip data does not end as it should. "
                + "Get the file again.");
        }

        file.Position = 0;
        return new GZipStream(file, CompressionMode.Decompress);
    }

    static bool IsWhole(FileStream file)
    {
        using var member = new MemoryStream();
        using (var mark = new GZipStream(member, CompressionLevel.Fastest, leaveOpen: true))
        {
            mark.Write(EndMark);
        }

        using var text = new GZipStream(new FileWithTail(file, member.ToArray()), CompressionMode.Decompress);
        var buffer = new byte[1 << 16];
        var kept = 0;
        try
        {
            while (true)
            {
                var count = text.Read(buffer.AsSpan(kept));
                if (count == 0)
                {
                    return buffer.AsSpan(0, kept).EndsWith(EndMark);
                }

                var end = kept + count;
                kept = Math.Min(end, EndMark.Length);
                buffer.AsSpan(end - kept, kept).CopyTo(buffer);
            }
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }
}
