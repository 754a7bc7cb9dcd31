using System.Text.Json.Nodes;
using Parquet;

namespace OrtDpo.Feed.Tests.ParquetFiles;

public class RoundTripTests
{
    public static TheoryData<CompressionMethod> Compressions => Samples.Compressions;

    [Theory]
    [MemberData(nameof(Compressions))]
    public async Task Reading_what_was_written_gives_it_back(CompressionMethod compression)
    {
        var file = await TestFile.WriteAsync(Samples.Columns, compression, groups: [2, 0, 3]);

        Equal(TestFile.Expected(Samples.Columns), await TestFile.ReadAsync(file));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Reading_random_columns_gives_them_back(int seed)
    {
        var columns = RandomColumns(new Random(seed), rows: seed * 37);
        foreach (var compression in new[] { CompressionMethod.None, CompressionMethod.Snappy, CompressionMethod.Gzip })
        {
            var file = await TestFile.WriteAsync(columns, compression);

            Equal(TestFile.Expected(columns), await TestFile.ReadAsync(file));
        }
    }

    [Fact]
    public async Task A_file_without_row_groups_has_its_schema_and_metadata()
    {
        var metadata = new Dictionary<string, string> { ["plan"] = "{\"ключ\": 1}", [""] = "" };
        var file = await TestFile.WriteAsync(Samples.Columns, groups: [], metadata: metadata);

        await using var reader = await ParquetReader.CreateAsync(new MemoryStream(file));

        Assert.Equal(0, reader.RowGroupCount);
        Assert.Equal(Samples.Columns.Select(c => c.Field.Name), reader.Schema.Fields.Select(f => f.Name));
        Assert.Equal(metadata, reader.CustomMetadata);
    }

    // Long runs, short runs and noise: what the run-length encoding and snappy have branches for.
    static Column[] RandomColumns(Random random, int rows) =>
    [
        Column.Nullable<int>("runs", [.. Runs(random, rows).Select(r => r % 3 == 0 ? (int?)null : r)]),
        Column.Required("bits", [.. Enumerable.Range(0, rows).Select(_ => random.Next(2) == 0)]),
        Column.Text("text", nullable: true, [.. Runs(random, rows).Select(r => r == 0 ? null : new string((char)('a' + r), random.Next(90)))]),
        Column.Lists("lists", [.. Runs(random, rows).Select(r => r == 0 ? null : RandomFloats(random, random.Next(r * 5)))]),
        Column.Bytes("noise", [.. Enumerable.Range(0, rows).Select(_ => RandomBytes(random, random.Next(200)))]),
    ];

    static IEnumerable<int> Runs(Random random, int rows)
    {
        var value = 0;
        for (var left = 0; rows > 0; rows--, left--)
        {
            if (left <= 0)
            {
                (value, left) = (random.Next(8), random.Next(25));
            }

            yield return value;
        }
    }

    static float[] RandomFloats(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle())];

    static byte[] RandomBytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    static void Equal(JsonObject expected, JsonObject found) => Assert.Equal(expected.ToJsonString(), found.ToJsonString());
}
