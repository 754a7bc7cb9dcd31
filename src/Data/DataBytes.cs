namespace OrtDpo.Data;

/// <summary>The bytes of a data file, plain, gzip or zstd, read forwards through one growing buffer.</summary>
sealed class DataBytes : IDisposable
{
    readonly Stream stream;
    byte[] buffer = new byte[1 << 16];
    int start;
    int end;

    DataBytes(Stream stream) => this.stream = stream;

    /// <summary>Whether the file is gzip or zstd.</summary>
    internal bool IsCompressed => stream is GzipFile or ZstdFile;

    /// <summary>Whether <see cref="Available"/> reaches to the end of the file.</summary>
    internal bool AtEnd { get; private set; }

    /// <summary>Bytes read and not yet passed over; valid until the next <see cref="Fill"/>.</summary>
    internal ReadOnlyMemory<byte> Available => buffer.AsMemory(start..end);

    internal static DataBytes Open(string path) => new(OpenText(path));

    /// <summary>The bytes of a file as they are before they are compressed.</summary>
    internal static Stream OpenText(string path)
    {
        var file = File.OpenRead(path);
        return GzipFile.Is(file) ? new GzipFile(file) : ZstdFile.Is(file) ? new ZstdFile(file) : file;
    }

    /// <summary>Reads a compressed file to its end; of others nothing.</summary>
    /// <exception cref="InvalidDataException">The file is damaged or cut short.</exception>
    internal static void RequireWhole(string path)
    {
        using var bytes = Open(path);
        while (bytes.IsCompressed && !bytes.AtEnd)
        {
            bytes.Advance(bytes.Available.Length);
            bytes.Fill();
        }
    }

    /// <summary>Passes over <paramref name="count"/> available bytes.</summary>
    internal void Advance(int count) => start += count;

    /// <summary>Makes more bytes available, or comes to the end.</summary>
    /// <exception cref="InvalidDataException">The file is gzip or zstd, and damaged or cut short.</exception>
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
