using System.IO.Compression;

namespace Parquet;

/// <summary>How column chunks are compressed.</summary>
public class ParquetOptions
{
    public CompressionMethod CompressionMethod { get; set; } = CompressionMethod.Snappy;

    /// <summary>Gzip's level; snappy has none.</summary>
    public CompressionLevel CompressionLevel { get; set; } = CompressionLevel.SmallestSize;
}
