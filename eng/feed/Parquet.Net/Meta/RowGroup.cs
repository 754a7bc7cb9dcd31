namespace Parquet.Meta;

/// <summary>Rows that are stored together.</summary>
public class RowGroup
{
    public List<ColumnChunk> Columns { get; set; } = [];

    public long TotalByteSize { get; set; }

    public long NumRows { get; set; }
}

/// <summary>One column of a row group.</summary>
public class ColumnChunk
{
    public string? FilePath { get; set; }

    public long FileOffset { get; set; }

    public ColumnMetaData? MetaData { get; set; }
}
