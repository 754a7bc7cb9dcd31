using System.Text.Json.Nodes;
using Parquet;

namespace OrtDpo.Feed.Tests.ParquetFiles;

/// <summary>What Parquet.Net, or its stand-in, writes, read by an implementation that shares no code with it.</summary>
public sealed class HyparquetTests
{
    public static TheoryData<CompressionMethod> Compressions => Samples.Compressions;

    [SkippableTheory]
    [MemberData(nameof(Compressions))]
    public async Task Hyparquet_reads_every_column_as_written(CompressionMethod compression)
    {
        var read = await ReadAsync(await TestFile.WriteAsync(Samples.Columns, compression));

        Assert.Equal(TestFile.Expected(Samples.Columns).ToJsonString(), read["columns"]!.ToJsonString());
    }

    [SkippableTheory]
    [MemberData(nameof(Compressions))]
    public async Task Hyparquet_reads_pages_that_compress_and_pages_that_do_not(CompressionMethod compression)
    {
        var random = new Random(1);
        var texts = Enumerable.Range(0, 3000).Select(i => i % 2 == 0 ? new string('a', i) : $"text {random.Next()} {i}").ToArray();
        var noise = texts.Select(_ => random.NextInt64()).ToArray();
        Column[] columns = [Column.Text("text", nullable: true, texts), Column.Required("noise", noise)];

        var read = await ReadAsync(await TestFile.WriteAsync(columns, compression, groups: [1000, 2000]));

        Assert.Equal(TestFile.Expected(columns).ToJsonString(), read["columns"]!.ToJsonString());
    }

    [SkippableFact]
    public async Task Hyparquet_reads_the_row_groups_and_the_metadata()
    {
        var metadata = new JsonObject { ["contract"] = "{\"schlüssel\": [1, 2]}", ["empty"] = "" };
        var file = await TestFile.WriteAsync(
            Samples.Columns, groups: [1, 3, 1], metadata: metadata.ToDictionary(p => p.Key, p => p.Value!.GetValue<string>()));

        var read = await ReadAsync(file);

        Assert.Equal(TestFile.Expected(Samples.Columns).ToJsonString(), read["columns"]!.ToJsonString());
        Assert.Equal("[1,3,1]", read["rowGroups"]!.ToJsonString());
        Assert.True(JsonNode.DeepEquals(metadata, read["metadata"]));
    }

    static async Task<JsonNode> ReadAsync(byte[] file)
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("ortdpo-feed-").FullName, "written.parquet");
        try
        {
            await File.WriteAllBytesAsync(path, file);
            return JsonNode.Parse(await Node.RunAsync("read.mjs", path))!;
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }
}
