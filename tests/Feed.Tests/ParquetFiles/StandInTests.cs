using System.Reflection;
using Parquet;
using Xunit.Abstractions;

namespace OrtDpo.Feed.Tests.ParquetFiles;

public class StandInTests(ITestOutputHelper output)
{
    [Fact]
    public void This_run_says_which_Parquet_it_used()
    {
        output.WriteLine(IsStandIn ? "Parquet.Net: the stand-in of eng/feed" : "Parquet.Net: the published package");

        Assert.Equal("Parquet", typeof(ParquetReader).Assembly.GetName().Name);
    }

    internal static bool IsStandIn =>
        typeof(ParquetReader).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Any(a => a is { Key: "PackedBy", Value: "eng/feed" });
}
