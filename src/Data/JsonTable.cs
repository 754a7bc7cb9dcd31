using System.Globalization;
using System.Text.Json;
using OrtDpo.Data.Ranked;

namespace OrtDpo.Data;

/// <summary>
/// One object that holds all rows, as tables are written for other uses: a list for each column, an object of numbered values for each, or
/// the rows in a member. It is valid JSON and no row. It is refused rather than read: a row of messages holds lists, too, and which of the
/// two a file means its writer knows.
/// </summary>
static class JsonTable
{
    const string Advice = "Write one object a row, as JSON Lines or in an array";

    /// <exception cref="InvalidDataException">The row is such a table.</exception>
    internal static void Refuse(JsonRow row, ColumnChoice columns)
    {
        if (row.Value.ValueKind != JsonValueKind.Object || row.Value.GetPropertyCount() == 0)
        {
            return;
        }

        var members = row.Value.EnumerateObject().ToList();
        var first = members[0].Name;
        if (members.TrueForAll(m => IsNumbered(m.Value)))
        {
            throw new InvalidDataException($"{row.Where}: the object holds whole columns ('{first}' has values numbered from \"0\" on), "
                + $"as pandas' to_json writes them. {Advice}: to_json(orient=\"records\", lines=True).");
        }

        // Ranked completions are lists in a row, as long as that of their scores.
        if (members.TrueForAll(m => m.Value.ValueKind == JsonValueKind.Array)
            && !RankedForm.Is(row) && !members.Exists(m => AreMessages(m.Value))
            && members.ConvertAll(m => m.Value.GetArrayLength()) is { } lengths && lengths.TrueForAll(l => l > 0 && l == lengths[0])
            && members.Exists(m => m.Value.EnumerateArray().All(item => item.ValueKind is JsonValueKind.String or JsonValueKind.Array)))
        {
            throw new InvalidDataException($"{row.Where}: the object holds whole columns ('{first}' is a list of {lengths[0]} values, "
                + $"as is every other). {Advice}.");
        }

        // Its form is asked for last: most rows hold no list, and whoever reads the row asks again.
        if (!columns.AreRenamed && members.Exists(m => m.Value.ValueKind == JsonValueKind.Array) && !IsRow(row)
            && members.Find(m => HoldsRows(row, m.Value)) is { Value.ValueKind: JsonValueKind.Array } rows)
        {
            throw new InvalidDataException(
                $"{row.Where}: the object is no row; its '{rows.Name}' holds the rows. {Advice}.");
        }
    }

    static bool HoldsRows(JsonRow table, JsonElement value) =>
        value.ValueKind == JsonValueKind.Array && value.EnumerateArray().FirstOrDefault() is { ValueKind: JsonValueKind.Object } first
        && IsRow(table with { Value = first });

    static bool IsRow(JsonRow row) => RowForm.Of(row) is not null || RowShape.Of(row) is not null;

    // A table's column of messages holds a list for each row.
    static bool AreMessages(JsonElement value) => value.EnumerateArray().All(item =>
        item.ValueKind == JsonValueKind.Object && (item.TryGetProperty("role", out _) || item.TryGetProperty("from", out _)));

    static bool IsNumbered(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object || value.GetPropertyCount() == 0)
        {
            return false;
        }

        var number = 0;
        return value.EnumerateObject().All(m => m.NameEquals((number++).ToString(CultureInfo.InvariantCulture)));
    }
}
