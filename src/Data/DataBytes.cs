namespace OrtDpo.Data;

/// <summary>The bytes of a data file, plain or gzip, read forwards through one growing buffer.</summary>
sealed class DataBytes : IDisposable
{
    readonly Stream stream;
    byte[] buffer = new byte[1 << 16];
    int start;
    int end;

    DataBytes(Stream stream) => this.stream = stream;

    /// <summary>Whether <see cref="Available"/> reaches to the end of the file.</summary>
    internal bool AtEnd { get; private set; }

    /// <summary>Bytes read and not yet passed over; valid until the next <see cref="Fill"/>.</summary>
    internal ReadOnlyMemory<byte> Available => buffer.AsMemory(start..end);

    internal static DataBytes Open(string path)
    {
        var file = File.OpenRead(path);
        return new DataBytes(GzipFile.Is(file) ? new GzipFile(file) : file);
    }

    /// <summary>Passes over <paramref name="count"/> available bytes.</summary>
    internal void Advance(int count) => start += count;

    /// <summary>Makes more bytes available, or comes to the end.</summary>
    /// <exception cref="InvalidDataException">The file is gzip, and damaged or cut short.</exception>
    internal void Fill()
    {
        buffer.AsSpan(start..end).CopyTo(buffer);
        end -= start;
        start = 0;
        if (end == buffer.Length)
        {
            Array.Resize(ref buffer, 2 * buffer.Length);
        }

        var count = stream.Read(buffer.AsSpan(end));
        end += count;
        AtEnd = count == 0;
    }

    public void Dispose() => stream.Dispose();
}
