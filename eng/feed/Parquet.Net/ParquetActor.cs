namespace Parquet;

/// <summary>What reader and writer have in common: the stream.</summary>
public abstract class ParquetActor
{
    internal const int MagicLength = 4;

    private protected ParquetActor(Stream stream) => Stream = stream;

    private protected Stream Stream { get; }

    internal static ReadOnlySpan<byte> Magic => "PAR1"u8;
}
