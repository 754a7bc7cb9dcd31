using System.Reflection;
using Xunit.Abstractions;

namespace OrtDpo.Feed.Tests;

public sealed class PackageOriginTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("Microsoft.ML.Tokenizers", "Microsoft.ML.Tokenizers")]
    [InlineData("Parquet.Net", "Parquet")]
    public void A_run_uses_the_stand_in_exactly_where_the_feed_holds_it(string package, string assembly)
    {
        bool isStandIn = Assembly.Load(assembly).GetCustomAttributes<AssemblyMetadataAttribute>()
            .Any(data => data is { Key: "PackedBy", Value: "eng/feed" });
        output.WriteLine($"{package}: {(isStandIn ? "the stand-in of eng/feed" : "the published package")}");

        Assert.Equal(Directory.EnumerateFiles(Repository.Find("eng", "feed", "packages"), $"{package}.*.nupkg").Any(), isStandIn);
    }
}
