namespace Parquet.Meta;

/// <summary>Where a column chunk lies, and how it is stored.</summary>
public class ColumnMetaData
{
    public Type Type { get; set; }

    public List<Encoding> Encodings { get; set; } = [];

    public List<string> PathInSchema { get; set; } = [];

    public CompressionCodec Codec { get; set; }

    /// <summary>Slots: values, nulls and empty lists together.</summary>
    public long NumValues { get; set; }

    public long TotalUncompressedSize { get; set; }

    public long TotalCompressedSize { get; set; }

    public List<KeyValue>? KeyValueMetadata { get; set; }

    public long DataPageOffset { get; set; }

    public long? DictionaryPageOffset { get; set; }

    /// <summary>Where the first page begins. Some writers store 0 for the dictionary's offset where there is none.</summary>
    internal long Start => DictionaryPageOffset is > 0 and var at && at < DataPageOffset ? at : DataPageOffset;
}
