using System.Reflection;
using Parquet;

namespace OrtDpo.Feed.Tests.ParquetFiles;

static class StandIn
{
    /// <summary>Whether this run's Parquet.Net is the stand-in of <c>eng/feed</c>.</summary>
    public static bool IsUsed { get; } =
        typeof(ParquetReader).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Any(a => a is { Key: "PackedBy", Value: "eng/feed" });
}
