using System.Globalization;
using System.Text.Json.Nodes;
using Parquet;
using Parquet.Schema;

namespace OrtDpo.Feed.Tests.ParquetFiles;

/// <summary>Structs and lists in any nesting: the schema's tree, and the levels of every column.</summary>
public sealed class NestedTests(FilesOfOthers files) : IClassFixture<FilesOfOthers>
{
    // Everything can be null: that is how DuckDB writes.
    [SkippableFact]
    public async Task The_tree_of_a_nested_schema_is_as_the_format_says()
    {
        var (file, _) = await files.DuckDbAsync("nested-snappy");

        Assert.Equal(
            """
            Struct info? d1 r0
              Data info/a? d2 r0
              Data info/b? d2 r0
              Struct info/s? d2 r0
                Data info/s/x? d3 r0
                Data info/s/y? d3 r0
            List messages/list? d2 r1
              Struct messages/list/element? d3 r1
                Data messages/list/element/role? d4 r1
                Data messages/list/element/content? d4 r1
            List matrix/list? d2 r1
              List matrix/list/element/list? d4 r2
                Data matrix/list/element/list/element? d5 r2
            List deep/list? d2 r1
              Struct deep/list/element? d3 r1
                Data deep/list/element/name? d4 r1
                List deep/list/element/tags/list? d5 r2
                  Data deep/list/element/tags/list/element? d6 r2
                Struct deep/list/element/inner? d4 r1
                  List deep/list/element/inner/scores/list? d6 r2
                    Data deep/list/element/inner/scores/list/element? d7 r2

            """,
            await TreeAsync(file));
    }

    [SkippableFact]
    public async Task What_cannot_be_null_has_no_level_of_its_own()
    {
        var (file, _) = await files.ArrowAsync("nested-pages");

        Assert.Equal(
            """
            List messages/list d1 r1
              Struct messages/list/item d1 r1
                Data messages/list/item/role d1 r1
                Data messages/list/item/content? d2 r1
                List messages/list/item/marks/list? d3 r2
                  Data messages/list/item/marks/list/item d3 r2
            Struct outer? d1 r0
              Data outer/flag? d2 r0
              List outer/ids/list? d3 r1
                List outer/ids/list/item/list? d5 r2
                  Data outer/ids/list/item/list/item? d6 r2

            """,
            await TreeAsync(file));
    }

    [SkippableTheory]
    [InlineData("nested-snappy")]
    [InlineData("nested-gzip")]
    [InlineData("integers")]
    public async Task Slots_of_a_nested_file_that_DuckDB_wrote_are_as_the_format_says(string name)
    {
        var (file, cells) = await files.DuckDbAsync(name);

        await EqualAsync(cells, file);
    }

    [SkippableFact]
    public async Task Slots_of_a_nested_file_of_many_pages_that_arrow_wrote_are_as_the_format_says()
    {
        var (file, cells) = await files.ArrowAsync("nested-pages");

        await EqualAsync(cells, file);
    }

    [Fact]
    public async Task Lists_are_known_by_their_form_and_not_by_the_names_of_its_parts()
    {
        var item = new DataField<int>("array_element");
        var output = new MemoryStream();
        await using (var writer = await ParquetWriter.CreateAsync(new ParquetSchema(new ListField("ids", item, "bag")), output))
        {
            using var group = writer.CreateRowGroup();
            await group.WriteAllPartsAsync<int>(item, new[] { 7, 8 }, new[] { 2, 2, 1, 0 }, new[] { 0, 1, 0, 0 }, default);
            group.CompleteValidate();
        }

        Assert.Equal("List ids/bag? d2 r1\n  Data ids/bag/array_element d2 r1\n", await TreeAsync(output.ToArray()));
    }

    // tests/golden/parquet/provenance.json: the levels are arrow-rs's, of the rows [1, 2], [], null, [3].
    [Fact]
    public async Task A_list_of_values_of_the_older_form_has_a_column_that_repeats()
    {
        var file = await File.ReadAllBytesAsync(Repository.Find("tests", "golden", "parquet", "two-level-values.parquet"));

        Assert.Equal("List list? d1 r0\n  Data list/array? d2 r1\nData last? d1 r0\n", await TreeAsync(file));
        await using var reader = await ParquetReader.CreateAsync(new MemoryStream(file));
        var column = reader.Schema.DataFields[0];
        Assert.True(column.IsArray);
        Slot[] expected = [Item(0, 1), Item(1, 2), new(0, 1, null), new(0, 0, null), Item(0, 3)];
        Assert.Equal(expected, await Slot.ReadAsync(reader.OpenRowGroupReader(0), column));

        static Slot Item(int repetition, int value) => new(repetition, 2, Cell.Of(value)!.ToJsonString());
    }

    /// <summary>Compares every column of <paramref name="file"/> with the slots that <paramref name="cells"/> make.</summary>
    internal static async Task EqualAsync(string cells, byte[] file)
    {
        await using var reader = await ParquetReader.CreateAsync(new MemoryStream(file));
        var schema = reader.Schema;
        var rows = JsonNode.Parse(cells)!;
        foreach (var root in schema.Fields)
        {
            foreach (var column in schema.DataFields.Where(c => c.Path.ToString().Split('/')[0] == root.Name))
            {
                var found = new List<Slot>();
                foreach (var group in reader.RowGroups)
                {
                    found.AddRange(await Slot.ReadAsync(group, column));
                }

                Assert.Equal(Slot.Of(root, column, rows[root.Name]!.AsArray()), found);
            }
        }
    }

    static async Task<string> TreeAsync(byte[] file)
    {
        await using var reader = await ParquetReader.CreateAsync(new MemoryStream(file));
        return string.Concat(reader.Schema.Fields.Select(field => Tree(field, "")));
    }

    static string Tree(Field field, string indent)
    {
        Field[] children = field switch
        {
            ListField list => [list.Item],
            StructField group => [.. group.Fields],
            _ => [],
        };
        var name = $"{indent}{field.SchemaType} {field.Path}{(field.IsNullable ? "?" : "")}";
        var levels = string.Create(CultureInfo.InvariantCulture, $" d{field.MaxDefinitionLevel} r{field.MaxRepetitionLevel}\n");
        return name + levels + string.Concat(children.Select(child => Tree(child, indent + "  ")));
    }
}
