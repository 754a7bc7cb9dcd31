using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrtDpo.Data.Tests;

/// <summary>Rows are put together from levels as the format says, for any nesting.</summary>
public sealed class ParquetNodeTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void Random_rows_taken_apart_come_back(int seed)
    {
        for (var i = 0; i < 200; i++)
        {
            var random = new Random((seed * 1000) + i);
            var shape = ParquetShape.Draw(random, "field", nesting: 4);
            JsonNode?[] rows = [.. Enumerable.Range(0, random.Next(8)).Select(_ => shape.DrawValue(random))];

            var (node, leaves) = shape.Columns(rows);
            var found = rows.Select(_ => Write(node)).ToList();

            Assert.Equal(rows.Select(row => row?.ToJsonString() ?? "null"), found);
            leaves.ForEach(leaf => leaf.RequireEnd());
        }
    }

    // The example of the Dremel paper (figure 2 and 3), its column Name.Language.Code, of document r1.
    [Fact]
    public void The_example_of_the_paper_comes_out()
    {
        string[] codes = ["en-us", "en", "en-gb"];
        var levels = new ParquetLevels(4, [2, 2, 1, 2], [0, 2, 1, 1]);
        var code = new ParquetLeaf("Code", "Name/Language/Code", 2, canBeNull: false, levels, (w, i) => w.WriteStringValue(codes[i]));
        var languages = new ParquetList("Language", 2, 2, new ParquetStruct("", 2, [code]));
        var names = new ParquetList("Name", 1, 1, new ParquetStruct("", 1, [languages]));

        Assert.Equal("""[{"Language":[{"Code":"en-us"},{"Code":"en"}]},{"Language":[]},{"Language":[{"Code":"en-gb"}]}]""", Write(names));
    }

    [Theory]
    [InlineData(new[] { 3, 3 }, new[] { 0, 0 })]
    [InlineData(new[] { 3 }, new[] { 0 })]
    [InlineData(new[] { 1, 3 }, new[] { 0, 1 })]
    [InlineData(new[] { 3, 3, 3 }, new[] { 0, 1, 1 })]
    public void Columns_that_contradict_each_other_are_noticed(int[] definitions, int[] repetitions)
    {
        static ParquetLeaf Leaf(string name, int[] definitions, int[] repetitions)
        {
            var levels = new ParquetLevels(definitions.Length, definitions, repetitions);
            return new(name, $"list/{name}", 3, canBeNull: true, levels, (w, _) => w.WriteBooleanValue(true));
        }

        var (first, second) = (Leaf("a", [3, 3], [0, 1]), Leaf("b", definitions, repetitions));
        var list = new ParquetList("list", 2, 1, new ParquetStruct("", 2, [first, second]));

        var error = Assert.Throws<InvalidDataException>(() =>
        {
            Write(list);
            second.RequireEnd();
        });
        Assert.Contains("column 'list/b'", error.Message, StringComparison.Ordinal);
    }

    static string Write(ParquetNode node)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(text))
        {
            node.Write(writer, repetition: 0);
        }

        return System.Text.Encoding.UTF8.GetString(text.WrittenSpan);
    }
}
