using System.Buffers.Binary;
using Parquet.Meta;
using Parquet.Pages;
using Parquet.Schema;
using Parquet.Thrift;

namespace Parquet;

/// <summary>Reads a file: its footer at once, its columns when asked.</summary>
public sealed class ParquetReader : ParquetActor, IAsyncDisposable
{
    const int TailLength = sizeof(int) + MagicLength;

    readonly FileMetaData file;
    readonly bool leaveStreamOpen;
    ParquetSchema? schema;

    ParquetReader(Stream input, FileMetaData file, bool leaveStreamOpen)
        : base(input)
    {
        this.file = file;
        this.leaveStreamOpen = leaveStreamOpen;
    }

    public int RowGroupCount => file.RowGroups.Count;

    /// <exception cref="NotSupportedException">A column is a map, repeats with no list around it, or holds numbers of 16 bits.</exception>
    /// <exception cref="InvalidDataException">The footer's schema makes no sense.</exception>
    public ParquetSchema Schema => schema ??= new SchemaReader(file.Schema).Read();

    /// <exception cref="ArgumentException">A key occurs twice.</exception>
    public Dictionary<string, string> CustomMetadata => (file.KeyValueMetadata ?? []).ToDictionary(p => p.Key, p => p.Value ?? "");

    public FileMetaData? Metadata => file;

    public IReadOnlyList<ParquetRowGroupReader> RowGroups => [.. Enumerable.Range(0, RowGroupCount).Select(OpenRowGroupReader)];

    /// <inheritdoc cref="CreateAsync(Stream, ParquetOptions, bool, CancellationToken)"/>
    public static async Task<ParquetReader> CreateAsync(
        string filePath, ParquetOptions? parquetOptions = null, CancellationToken cancellationToken = default)
    {
        var stream = File.OpenRead(filePath);
        try
        {
            return await CreateAsync(stream, parquetOptions, leaveStreamOpen: false, cancellationToken);
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    /// <exception cref="ArgumentException">The stream cannot seek.</exception>
    /// <exception cref="IOException">The file is truncated, or not Parquet.</exception>
    /// <exception cref="InvalidDataException">The footer makes no sense.</exception>
    public static async Task<ParquetReader> CreateAsync(
        Stream input, ParquetOptions? parquetOptions = null, bool leaveStreamOpen = true, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        _ = parquetOptions;
        if (!input.CanSeek || !input.CanRead)
        {
            throw new ArgumentException("The stream must be readable and seekable.", nameof(input));
        }

        if (input.Length < MagicLength + TailLength)
        {
            throw new IOException($"The file has {input.Length} bytes; a Parquet file has at least {MagicLength + TailLength}.");
        }

        var head = await ReadAsync(input, 0, MagicLength, cancellationToken);
        var tail = await ReadAsync(input, input.Length - TailLength, TailLength, cancellationToken);
        if (!Magic.SequenceEqual(head) || !Magic.SequenceEqual(tail.AsSpan(sizeof(int))))
        {
            throw new IOException("The file does not begin and end with 'PAR1': it is truncated, encrypted, or not a Parquet file.");
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(tail);
        var end = input.Length - TailLength;
        if (length <= 0 || length > end - MagicLength)
        {
            throw new IOException($"The file says that its footer has {length} bytes, but it has {end - MagicLength} in all.");
        }

        var metadata = FooterReader.Read(await ReadAsync(input, end - length, length, cancellationToken));
        FooterCheck.Require(metadata, dataEnd: end - length);
        return new ParquetReader(input, metadata, leaveStreamOpen);
    }

    /// <exception cref="ArgumentOutOfRangeException">There is no such row group.</exception>
    public ParquetRowGroupReader OpenRowGroupReader(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, RowGroupCount);
        return new ParquetRowGroupReader(Stream, file.RowGroups[index]);
    }

    public async ValueTask DisposeAsync()
    {
        if (!leaveStreamOpen)
        {
            await Stream.DisposeAsync();
        }
    }

    internal static async Task<byte[]> ReadAsync(Stream input, long position, int length, CancellationToken cancellationToken)
    {
        input.Position = position;
        var bytes = new byte[length];
        await input.ReadExactlyAsync(bytes, cancellationToken);
        return bytes;
    }
}
