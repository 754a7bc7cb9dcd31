using Parquet.Meta;

namespace OrtDpo.Data.Tests;

public sealed class ParquetSchemaCheckTests
{
    [Theory]
    [InlineData("list")]
    [InlineData("bag")]
    public void Lists_with_three_levels_are_read_whatever_they_are_called(string container) =>
        Check(List, Group(container, 1), Text("item"));

    [Fact]
    public void Values_may_repeat_in_the_older_form() => Check(List, Text("element", FieldRepetitionType.REPEATED));

    // Rules of the format for older writers: here the repeated node is the item itself, and Parquet.Net 6.1.0 takes it for the group around
    // one.
    [Fact]
    public void Structs_that_repeat_in_lists_with_two_levels_are_refused_by_name()
    {
        Refused("array", List, Group("array", 2), Text("role"), Text("content"));
        Refused("array", List, Group("array", 1), Text("role"));
        Refused("messages_tuple", List, Group("messages_tuple", 1), Text("role"));
        Refused("turns", new SchemaElement { Name = "messages", NumChildren = 1 }, Group("turns", 1), Text("role"));
        Refused("turns", Text("prompt"), Group("turns", 1), Text("role"));
    }

    static SchemaElement List =>
        new() { Name = "messages", NumChildren = 1, ConvertedType = ConvertedType.LIST, RepetitionType = FieldRepetitionType.OPTIONAL };

    static SchemaElement Group(string name, int children) =>
        new() { Name = name, NumChildren = children, RepetitionType = FieldRepetitionType.REPEATED };

    static SchemaElement Text(string name, FieldRepetitionType repetition = FieldRepetitionType.OPTIONAL) =>
        new() { Name = name, Type = Parquet.Meta.Type.BYTE_ARRAY, ConvertedType = ConvertedType.UTF8, RepetitionType = repetition };

    static void Check(params SchemaElement[] nodes) =>
        ParquetSchemaCheck.Require("a.parquet", [new SchemaElement { Name = "root", NumChildren = 1 }, .. nodes]);

    static void Refused(string name, params SchemaElement[] nodes) => Assert.StartsWith(
        $"a.parquet: column '{name}' is a struct that repeats in the older form of lists with two levels, which is not read.",
        Assert.Throws<NotSupportedException>(() => Check(nodes)).Message, StringComparison.Ordinal);
}
