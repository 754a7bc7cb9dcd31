using Parquet.Meta;

namespace OrtDpo.Data.Tests;

public sealed class ParquetSchemaCutTests
{
    [Theory]
    [InlineData("list")]
    [InlineData("bag")]
    public void Lists_with_three_levels_are_read_whatever_they_are_called(string container) =>
        Assert.Empty(Cut(Asked, [List, Group(container, 1), Text("item")]));

    [Fact]
    public void Values_may_repeat_in_the_older_form() =>
        Assert.Empty(Cut(Asked, [List, Text("element", FieldRepetitionType.REPEATED)]));

    // Rules of the format for older writers: here the repeated node is the item itself, and Parquet.Net 6.1.0 takes it for the group around
    // one.
    [Fact]
    public void Structs_that_repeat_in_lists_with_two_levels_are_refused_by_name()
    {
        Refused("messages/array", List, Group("array", 2), Text("role"), Text("content"));
        Refused("messages/array", List, Group("array", 1), Text("role"));
        Refused("messages/messages_tuple", List, Group("messages_tuple", 1), Text("role"));
        Refused("messages/turns", new SchemaElement { Name = "messages", NumChildren = 1 }, Group("turns", 1), Text("role"));
    }

    [Fact]
    public void What_is_left_is_what_is_read()
    {
        List<SchemaElement> nodes =
        [
            Text("prompt"), Map("meta"), Text("key"), Text("value"),
            new() { Name = "times", NumChildren = 2 }, Date("from"), Date("to"),
            new() { Name = "info", NumChildren = 2 }, Date("on"), Text("by"),
        ];

        var unread = Cut(asked: null, nodes, children: 4);

        Assert.Equal(["root", "prompt", "info", "by"], nodes.Select(node => node.Name));
        Assert.Equal([2, 1], nodes.Where(node => node.Type is null).Select(node => node.NumChildren ?? 0));
        Assert.Equal([new("meta", "map"), new("times/from", "date"), new("times/to", "date"), new("info/on", "date")], unread);
    }

    // A date beside what is said is no part of it; a map may be.
    [Fact]
    public void Of_a_column_that_is_asked_for_dates_are_left_out_and_maps_are_not()
    {
        Assert.Equal([new("info/on", "date")], Cut(
            ColumnNames.Parse("chosen=info"), [new() { Name = "info", NumChildren = 2 }, Date("on"), Text("by")]));
        var error = Assert.Throws<NotSupportedException>(() => Cut(
            ColumnNames.Parse("chosen=info"),
            [new() { Name = "info", NumChildren = 2 }, Text("by"), Map("of"), Text("key"), Text("value")]));
        Assert.StartsWith("a.parquet: column 'info/of' has the type map, which is not read. Rewrite it as a struct", error.Message,
            StringComparison.Ordinal);
    }

    static ColumnNames Asked => ColumnNames.Parse("chosen=messages");

    static SchemaElement Map(string name) => new() { Name = name, NumChildren = 2, ConvertedType = ConvertedType.MAP };

    static SchemaElement Date(string name) =>
        new() { Name = name, Type = Parquet.Meta.Type.INT32, ConvertedType = ConvertedType.DATE };

    static SchemaElement List =>
        new() { Name = "messages", NumChildren = 1, ConvertedType = ConvertedType.LIST, RepetitionType = FieldRepetitionType.OPTIONAL };

    static SchemaElement Group(string name, int children) =>
        new() { Name = name, NumChildren = children, RepetitionType = FieldRepetitionType.REPEATED };

    static SchemaElement Text(string name, FieldRepetitionType repetition = FieldRepetitionType.OPTIONAL) =>
        new() { Name = name, Type = Parquet.Meta.Type.BYTE_ARRAY, ConvertedType = ConvertedType.UTF8, RepetitionType = repetition };

    static List<UnreadColumn> Cut(ColumnNames? asked, List<SchemaElement> nodes, int children = 1)
    {
        var unread = new List<UnreadColumn>();
        nodes.Insert(0, new SchemaElement { Name = "root", NumChildren = children });
        ParquetSchemaCut.Cut("a.parquet", nodes, new ColumnChoice(asked, unread.Add));
        return unread;
    }

    static void Refused(string name, params SchemaElement[] nodes) => Assert.StartsWith(
        $"a.parquet: column '{name}' has the type struct that repeats in the older form of lists with two levels, which is not read.",
        Assert.Throws<NotSupportedException>(() => Cut(Asked, [.. nodes])).Message, StringComparison.Ordinal);
}
