using System.Globalization;
using System.Text.Json;

namespace OrtDpo.Data;

/// <summary>
/// A cell of a comma- or tab-separated file. The format has no types: a cell is text, but in the columns that forms read as numbers or
/// truth values, and where it holds a list of messages as JSON.
/// </summary>
static class CsvCell
{
    /// <summary>The text of a cell as it stands in the file, in quotes or not (RFC 4180).</summary>
    /// <exception cref="InvalidDataException">Quotes stand where none may.</exception>
    internal static string Text(string where, string cell)
    {
        if (!cell.Contains('"', StringComparison.Ordinal))
        {
            return cell;
        }

        var inner = cell.Length > 1 && cell[0] == '"' && cell[^1] == '"' ? cell[1..^1] : null;
        if (inner is null || inner.Replace("\"\"", "", StringComparison.Ordinal).Contains('"', StringComparison.Ordinal))
        {
            throw new InvalidDataException($"{where}: a quote stands in a cell that is not wholly in quotes, or is never closed. "
                + "A cell that holds quotes stands in quotes, and each of its own is doubled.");
        }

        return inner.Replace("\"\"", "\"", StringComparison.Ordinal);
    }

    /// <summary>Writes a cell as what it is in its column.</summary>
    /// <exception cref="InvalidDataException">It is a list as Python prints it, which is neither text nor JSON.</exception>
    internal static void Write(Utf8JsonWriter writer, string where, string name, string text, ColumnChoice columns)
    {
        if (columns.Is(name, "label", "labels", "choice", "score_ratio"))
        {
            WriteScalar(writer, text);
        }
        else if (columns.Is(name, MessageText.Columns)
            && text.AsSpan().TrimStart() is ['[' or '{', ..])
        {
            WriteMessages(writer, where, name, text);
        }
        else
        {
            writer.WriteStringValue(text);
        }
    }

    // As pandas types a column: True and False are truth values, numbers are numbers, and an empty cell is nothing.
    static void WriteScalar(Utf8JsonWriter writer, string text)
    {
        if (text.Length == 0)
        {
            writer.WriteNullValue();
        }
        else if (bool.TryParse(text, out var flag))
        {
            writer.WriteBooleanValue(flag);
        }
        else if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
        {
            writer.WriteNumberValue(number);
        }
        else
        {
            writer.WriteStringValue(text);
        }
    }

    static void WriteMessages(Utf8JsonWriter writer, string where, string name, string text)
    {
        if (MessageText.AreMessages(text))
        {
            writer.WriteRawValue(text, skipInputValidation: true);
        }
        else if (text.AsSpan().TrimStart() is ['[', '{', '\'', ..] or ['{', '\'', ..])
        {
            throw MessageText.OfPython(where, name);
        }
        else
        {
            writer.WriteStringValue(text);
        }
    }
}
