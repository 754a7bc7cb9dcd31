using System.IO.Compression;

namespace OrtDpo.Data;

/// <summary>
/// The text of a gzip file, of one or several members, forwards only. A file that is cut short, which <see cref="GZipStream"/> by itself
/// reports as an ordinary end, is noticed when the end is reached: a small member is put behind the file's own, whose text comes out last
/// only where the file is whole. That text is held back.
/// </summary>
sealed class GzipFile(FileStream file) : Stream
{
    readonly GZipStream text = new(new FileWithTail(file, Member(EndMark)), CompressionMode.Decompress);
    readonly byte[] buffer = new byte[1 << 16];
    int start;
    int end;

    // Arbitrary bytes that no text ends with.
    static ReadOnlySpan<byte> EndMark => [0xFF, 0xC0, 0x9E, 0x37, 0x79, 0xB9, 0x7F, 0x4A, 0x7C, 0x15, 0xF3, 0x9C, 0xC0, 0x60, 0x5C, 0xFE];

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    internal static bool Is(FileStream file)
    {
        Span<byte> magic = stackalloc byte[2];
        var isGzip = file.ReadAtLeast(magic, 2, throwOnEndOfStream: false) == 2 && magic is [0x1F, 0x8B];
        file.Position = 0;
        return isGzip;
    }

    /// <summary>
    /// The rows of a file; where one is at fault and the file is compressed and damaged, the fault is the file's. What a damaged file gives
    /// is rarely JSON, and more rarely a row.
    /// </summary>
    internal static IEnumerable<T> OrDamaged<T>(IEnumerable<T> rows, string path)
    {
        using var row = rows.GetEnumerator();
        while (true)
        {
            try
            {
                if (!row.MoveNext())
                {
                    break;
                }
            }
            catch (InvalidDataException)
            {
                DataBytes.RequireWhole(path);
                throw;
            }

            yield return row.Current;
        }
    }

    /// <exception cref="InvalidDataException">The file is damaged or cut short.</exception>
    public override int Read(Span<byte> target)
    {
        while (end - start <= EndMark.Length)
        {
            buffer.AsSpan(start..end).CopyTo(buffer);
            (start, end) = (0, end - start);
            var count = Inflate();
            if (count == 0)
            {
                return buffer.AsSpan(0, end).SequenceEqual(EndMark) ? 0 : throw Damaged();
            }

            end += count;
        }

        var given = Math.Min(target.Length, end - start - EndMark.Length);
        buffer.AsSpan(start, given).CopyTo(target);
        start += given;
        return given;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        text.Dispose();
        file.Dispose();
        base.Dispose(disposing);
    }

    int Inflate()
    {
        try
        {
            return text.Read(buffer.AsSpan(end));
        }
        catch (InvalidDataException)
        {
            throw Damaged();
        }
    }

    InvalidDataException Damaged() =>
        new($"{file.Name} is damaged or cut short: its gzip data does not end as it should. Get the file again.");

    static byte[] Member(ReadOnlySpan<byte> text)
    {
        using var member = new MemoryStream();
        using (var gzip = new GZipStream(member, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(text);
        }

        return member.ToArray();
    }
}
