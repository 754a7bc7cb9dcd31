namespace Parquet.Meta;

/// <summary>The footer of a file.</summary>
public class FileMetaData
{
    public int Version { get; set; }

    public List<SchemaElement> Schema { get; set; } = [];

    public long NumRows { get; set; }

    public List<RowGroup> RowGroups { get; set; } = [];

    public List<KeyValue>? KeyValueMetadata { get; set; }

    public string? CreatedBy { get; set; }
}

/// <summary>A key and its value.</summary>
public class KeyValue
{
    public string Key { get; set; } = "";

    public string? Value { get; set; }
}
