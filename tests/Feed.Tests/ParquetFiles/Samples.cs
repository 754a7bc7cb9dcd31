using Parquet;

namespace OrtDpo.Feed.Tests.ParquetFiles;

/// <summary>Columns of every kind that OrtDpo stores, with the values that go wrong first.</summary>
static class Samples
{
    public static TheoryData<CompressionMethod> Compressions => [CompressionMethod.None, CompressionMethod.Snappy, CompressionMethod.Gzip];

    public static Column[] Columns =>
    [
        Column.Required("flag", true, false, false, true, true),
        Column.Required("count", 0, 1, -1, int.MaxValue, int.MinValue),
        Column.Nullable<long>("row", long.MaxValue, null, 0, null, long.MinValue),
        Column.Required("loss", 0.5f, -0f, float.NaN, float.PositiveInfinity, float.Epsilon),
        Column.Nullable<double>("logps", double.NaN, double.NegativeInfinity, null, -0.0, 1.0 / 3),
        Column.Text("key", nullable: false, "", "a", "b", "a", "a long text that comes again, a long text that comes again"),
        Column.Text("text", nullable: true, "naïve", null, "日本語", "😀 𝐀 \u0000\n\"", ""),
        Column.Bytes("raw", [1, 0, 255], null, [], [7], null),
        Column.Lists("ids", [1, 2, 3], [], null, [4], [-5, 6]),
        Column.Lists("token_logps", [-0.25f], null, [float.NaN, float.NegativeInfinity], [], [0f]),
        Column.TextLists("words", ["é", null], [], null, [null], ["", "z"]),
        Column.Lists<double>("empty", [], [], [], [], []),
        Column.TextLists("missing", null, null, null, null, null),
    ];
}
