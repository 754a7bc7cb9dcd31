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
    internal static T Whole<T>(string path, Func<T> read, string advice = "Get the file again.")
    {
        try
        {
            return read();
        }
        // Of damaged files the package throws any of these (measured on bits flipped in files of three codecs).
        catch (Exception e) when (e is IOException or ParquetException or ThriftProtocolException or InvalidDataException
            or ArgumentException or InvalidOperationException or IndexOutOfRangeException or NullReferenceException or ArithmeticException
            or OutOfMemoryException)
        {
            throw new InvalidDataException($"{path} is no whole Parquet file ({e.Message.TrimEnd('.')}). {advice}", e);
        }
    }

    /// <summary>Reads what this program wrote: what the package does not support is damage there.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    internal static T Own<T>(string path, Func<T> read, string advice)
    {
        return Whole(path, OrDamaged, advice);

        T OrDamaged()
        {
            try
            {
                return read();
            }
            catch (Exception e) when (e is NotSupportedException or NotImplementedException)
            {
                throw new InvalidDataException(e.Message, e);
            }
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
