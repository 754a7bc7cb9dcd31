using Parquet;
using Parquet.Schema;

namespace OrtDpo.Feed.Tests.ParquetFiles;

/// <summary>Calls that the documentation of Parquet.Net forbids, and what it says they throw.</summary>
public sealed class WrongCallsTests
{
    static readonly DataField<int> first = new("first");
    static readonly DataField<int?> second = new("second");
    static readonly ParquetSchema schema = new(first, second);

    [Fact]
    public Task Columns_out_of_order_are_an_argument_exception() => WithGroupAsync(group =>
        Assert.ThrowsAsync<ArgumentException>(() => group.WriteAsync<int>(second, new int?[] { 1 })));

    [Fact]
    public Task Values_of_another_type_are_an_argument_exception() => WithGroupAsync(group =>
        Assert.ThrowsAsync<ArgumentException>(() => group.WriteAsync<long>(first, new long[] { 1 })));

    [Fact]
    public Task Columns_of_unequal_length_are_an_invalid_operation() => WithGroupAsync(async group =>
    {
        await group.WriteAsync<int>(first, new[] { 1, 2 });

        await Assert.ThrowsAsync<InvalidOperationException>(() => group.WriteAsync<int>(second, new int?[] { 1 }));
    });

    [Fact]
    public Task A_missing_column_is_an_invalid_operation() => WithGroupAsync(async group =>
    {
        await group.WriteAsync<int>(first, new[] { 1 });

        Assert.Throws<InvalidOperationException>(group.CompleteValidate);
    });

    [Fact]
    public Task A_nullable_column_refuses_the_overload_of_required_ones() => WithGroupAsync(async group =>
    {
        await group.WriteAsync<int>(first, new[] { 1 });

        await Assert.ThrowsAsync<InvalidOperationException>(() => group.WriteAsync<int>(second, new[] { 1 }));
    });

    [Fact]
    public async Task A_field_without_a_schema_is_an_argument_exception()
    {
        var stray = new DataField<int>("first");

        await WithGroupAsync(group => Assert.ThrowsAsync<ArgumentException>(() => group.WriteAsync<int>(stray, new[] { 1 })));
    }

    [Fact]
    public void Schemas_need_fields_and_find_nested_columns_only_by_their_path()
    {
        var nested = new ParquetSchema(new ListField("ids", new DataField<int>("element")));

        Assert.Throws<ArgumentException>(() => new ParquetSchema());
        Assert.Throws<ArgumentException>(() => nested.FindDataField("ids/list/element"));
        Assert.Equal("ids/list/element", nested.FindDataField(new FieldPath("ids", "list", "element")).Path.ToString());
        Assert.Equal((2, 1), (nested.DataFields[0].MaxDefinitionLevel, nested.DataFields[0].MaxRepetitionLevel));
    }

    static async Task WithGroupAsync(Func<ParquetRowGroupWriter, Task> check)
    {
        await using var writer = await ParquetWriter.CreateAsync(schema, new MemoryStream());
        using var group = writer.CreateRowGroup();
        await check(group);
    }
}
