using System.Globalization;
using System.Text.Json.Nodes;
using Parquet;
using Parquet.Data;
using Parquet.Schema;

namespace OrtDpo.Feed.Tests.ParquetFiles;

/// <summary>One slot of a column: where it repeats, how much of its path is there, and the value where all of it is.</summary>
readonly record struct Slot(int Repetition, int Definition, string? Value)
{
    /// <summary>The slots that a reader finds.</summary>
    public static async Task<List<Slot>> ReadAsync(ParquetRowGroupReader group, DataField column)
    {
        using var raw = await group.ReadRawColumnDataBaseAsync(column);
        var slots = new List<Slot>();
        var values = Values(raw).GetEnumerator();
        for (var i = 0; i < (int)group.GetMetadata(column)!.MetaData!.NumValues; i++)
        {
            var definition = column.MaxDefinitionLevel == 0 ? 0 : raw.DefinitionLevels[i];
            var isThere = definition == column.MaxDefinitionLevel && values.MoveNext();
            var repetition = column.MaxRepetitionLevel == 0 ? 0 : raw.RepetitionLevels[i];
            slots.Add(new(repetition, definition, isThere ? Text(Cell.Of(values.Current)) : null));
        }

        return slots;
    }

    /// <summary>The slots that the rows of a column make, by the rules of the format alone.</summary>
    /// <param name="root">The field at the schema's root, of which names and nullability are used.</param>
    /// <param name="column">A column below it.</param>
    /// <param name="rows">Cells of <paramref name="root"/>.</param>
    public static List<Slot> Of(Field root, DataField column, IEnumerable<JsonNode?> rows)
    {
        var slots = new List<Slot>();
        foreach (var row in rows)
        {
            Visit(root, row, repetition: 0, definition: 0, depth: 0);
        }

        return slots;

        void Visit(Field field, JsonNode? cell, int repetition, int definition, int depth)
        {
            definition += field.IsNullable && cell is not null ? 1 : 0;
            if (cell is null || field is DataField || cell is JsonArray { Count: 0 })
            {
                slots.Add(new(repetition, definition, cell is null or JsonArray ? null : Text(cell)));
            }
            else if (field is StructField group)
            {
                var member = group.Fields.Single(f => IsOnTheWay(f, column));
                Visit(member, cell[member.Name], repetition, definition, depth);
            }
            else
            {
                for (var i = 0; i < cell.AsArray().Count; i++)
                {
                    Visit(((ListField)field).Item, cell[i], i == 0 ? repetition : depth + 1, definition + 1, depth + 1);
                }
            }
        }
    }

    static bool IsOnTheWay(Field field, DataField column) => field == column
        || (field is StructField group && group.Fields.Any(f => IsOnTheWay(f, column)))
        || (field is ListField list && IsOnTheWay(list.Item, column));

    static string? Text(JsonNode? cell) => cell?.ToJsonString();

    static IEnumerable<object> Values(RawColumnData raw) => raw switch
    {
        RawColumnData<ReadOnlyMemory<char>> texts => [.. texts.Values.ToArray().Cast<object>()],
        RawColumnData<bool> flags => [.. flags.Values.ToArray().Cast<object>()],
        RawColumnData<sbyte> numbers => [.. numbers.Values.ToArray().Cast<object>()],
        RawColumnData<byte> numbers => [.. numbers.Values.ToArray().Cast<object>()],
        RawColumnData<short> numbers => [.. numbers.Values.ToArray().Cast<object>()],
        RawColumnData<ushort> numbers => [.. numbers.Values.ToArray().Cast<object>()],
        RawColumnData<int> numbers => [.. numbers.Values.ToArray().Cast<object>()],
        RawColumnData<uint> numbers => [.. numbers.Values.ToArray().Cast<object>()],
        RawColumnData<long> numbers => [.. numbers.Values.ToArray().Cast<object>()],
        RawColumnData<ulong> numbers => [.. numbers.Values.ToArray().Cast<object>()],
        RawColumnData<double> numbers => [.. numbers.Values.ToArray().Cast<object>()],
        _ => throw new ArgumentException($"No test has columns of {raw.GetType()}.", nameof(raw)),
    };

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"r{Repetition} d{Definition} {Value}");
}
