using System.IO.Compression;

namespace OrtDpo.Core.Data;

/// <summary>
/// The bytes of a data file, plain or gzip, read forwards through one growing buffer. A gzip file that is cut short is noticed, which
/// <see cref="GZipStream"/> by itself reports as an ordinary end of file: a small member is read behind the file's own members. Where the file
/// is whole its text comes out at the end; where the file is cut it is swallowed by the unfinished member.
/// </summary>
internal sealed class DataBytes : IDisposable
{
    // Arbitrary bytes that no UTF-8 text ends with.
    static readonly byte[] EndMark = [0xFF, 0xC0, 0x9E, 0x37, 0x79, 0xB9, 0x7F, 0x4A, 0x7C, 0x15, 0xF3, 0x9C, 0xC0, 0x60, 0x5C, 0xFE];

    readonly string _path;
    readonly Stream _stream;

    // The last bytes are held back until more follow: they may be the end mark.
    readonly int _heldBack;
    byte[] _buffer = new byte[1 << 16];
    int _start;
    int _end;

    DataBytes(string path, Stream stream, int heldBack)
    {
        _path = path;
        _stream = stream;
        _heldBack = heldBack;
    }

    /// <summary>Whether <see cref="Available"/> reaches to the end of the file.</summary>
    internal bool AtEnd { get; private set; }

    /// <summary>Bytes read and not yet passed over; valid until the next <see cref="Fill"/>.</summary>
    internal ReadOnlyMemory<byte> Available => _buffer.AsMemory(_start, Math.Max(0, _end - _start - (AtEnd ? 0 : _heldBack)));

    internal static DataBytes Open(string path)
    {
        var file = File.OpenRead(path);
        Span<byte> magic = stackalloc byte[2];
        var isGzip = file.ReadAtLeast(magic, 2, throwOnEndOfStream: false) == 2 && magic is [0x1F, 0x8B];
        file.Position = 0;
        if (!isGzip)
        {
            return new DataBytes(path, file, heldBack: 0);
        }

        using var tail = new MemoryStream();
        using (var member = new GZipStream(tail, CompressionLevel.Fastest, leaveOpen: true))
        {
            member.Write(EndMark);
        }

        return new DataBytes(path, new GZipStream(new FileWithTail(file, tail.ToArray()), CompressionMode.Decompress), EndMark.Length);
    }

    /// <summary>Passes over <paramref name="count"/> available bytes.</summary>
    internal void Advance(int count) => _start += count;

    /// <summary>Makes more bytes available, or comes to the end.</summary>
    /// <exception cref="InvalidDataException">The gzip data is damaged or cut short.</exception>
    internal void Fill()
    {
        _buffer.AsSpan(_start.._end).CopyTo(_buffer);
        _end -= _start;
        _start = 0;
        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, 2 * _buffer.Length);
        }

        var count = ReadStream(_buffer.AsSpan(_end));
        _end += count;
        if (count > 0)
        {
            return;
        }

        if (_heldBack > 0)
        {
            if (!_buffer.AsSpan(0, _end).EndsWith(EndMark))
            {
                throw CutShort(inner: null);
            }

            _end -= EndMark.Length;
        }

        AtEnd = true;
    }

    public void Dispose() => _stream.Dispose();

    int ReadStream(Span<byte> buffer)
    {
        try
        {
            return _stream.Read(buffer);
        }
        catch (InvalidDataException e)
        {
            throw CutShort(e);
        }
    }

    InvalidDataException CutShort(Exception? inner) =>
        new($"{_path} is damaged or cut short: its gzip data does not end as it should. Get the file again.", inner);
}
