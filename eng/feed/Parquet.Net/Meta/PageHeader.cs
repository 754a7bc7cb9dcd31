namespace Parquet.Meta;

enum PageType
{
    Data = 0,
    Index = 1,
    Dictionary = 2,
    DataV2 = 3,
}

/// <summary>What stands before a page.</summary>
readonly record struct PageHeader(PageType Type, int UncompressedSize, int CompressedSize)
{
    public bool IsData => Type is PageType.Data or PageType.DataV2;

    /// <summary>Slots of a data page, entries of a dictionary.</summary>
    public int NumValues { get; init; }

    public Encoding Encoding { get; init; }

    public Encoding DefinitionLevelEncoding { get; init; }

    public Encoding RepetitionLevelEncoding { get; init; }

    /// <summary>V2 only: bytes of the definition levels, which stand uncompressed before the values.</summary>
    public int DefinitionLevelsLength { get; init; }

    /// <summary>V2 only: bytes of the repetition levels.</summary>
    public int RepetitionLevelsLength { get; init; }

    /// <summary>V2 only: whether the values are compressed.</summary>
    public bool IsCompressed { get; init; }
}
