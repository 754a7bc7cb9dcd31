using Parquet;
using Parquet.Meta.Proto;
using Parquet.Schema;

namespace OrtDpo.Data;

/// <summary>What Parquet.Net throws, in one sentence.</summary>
static class ParquetFault
{
    /// <inheritdoc cref="Whole{T}"/>
    internal static void Whole(string path, Action read) => Whole(path, () =>
    {
        read();
        return true;
    });

    /// <summary>Reads what may be damaged.</summary>
    /// <exception cref="InvalidDataException">It is.</exception>
    internal static T Whole<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        // Of damaged files the package throws any of these (measured on bits flipped in files of three codecs).
        catch (Exception e) when (e is IOException or ParquetException or ThriftProtocolException or InvalidDataException
            or ArgumentException or InvalidOperationException or IndexOutOfRangeException or NullReferenceException or ArithmeticException)
        {
            throw new InvalidDataException($"{path} is no whole Parquet file ({e.Message.TrimEnd('.')}). Get the file again.", e);
        }
    }

    /// <summary>The way in which a column is stored that the package does not read.</summary>
    internal static string StorageOf(ParquetRowGroupReader group, DataField column, Exception reason)
    {
        var stored = group.GetMetadata(column)!.MetaData!;
        // Not implemented is one thing only: pages of version 2 in a column that repeats.
        return reason is NotImplementedException && column.MaxRepetitionLevel > 0
            ? "a list in data pages of version 2.0"
            : $"stored with the codec {stored.Codec} and the encodings {string.Join(", ", stored.Encodings)}";
    }

    /// <summary>A column that is asked for is stored so.</summary>
    internal static NotSupportedException NotRead(string path, DataField column, string stored, Exception reason) =>
        new($"{path}: column '{column.Path}' is {stored}, which is not read. Rewrite the file with data_page_version 1.0, "
            + "the codec snappy, and plain or dictionary encoding, as pyarrow and DuckDB do unless told otherwise.", reason);
}
