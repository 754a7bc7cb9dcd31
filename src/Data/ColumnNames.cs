using System.Buffers;
using System.Text.Json;

namespace OrtDpo.Data;

/// <summary>Names that a file has for the columns that the readers know.</summary>
public sealed class ColumnNames
{
    readonly SortedDictionary<string, string> inFile = new(StringComparer.Ordinal);

    /// <summary>Reads <c>known=in-file,…</c>, such as <c>chosen=preferred,rejected=other</c>.</summary>
    /// <exception cref="ArgumentException">The text is something else, or names a column twice.</exception>
    public static ColumnNames Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var names = new ColumnNames();
        foreach (var pair in text.Split(','))
        {
            if (pair.Split('=') is not [{ Length: > 0 } known, { Length: > 0 } inFile])
            {
                throw new ArgumentException(
                    $"'{pair}' in '{text}' is no pair of column names; write known=in-file, as in chosen=preferred.");
            }

            if (!names.inFile.TryAdd(known, inFile) || names.inFile.Values.Count(name => name == inFile) > 1)
            {
                throw new ArgumentException($"'{text}' names a column twice; give each its name once.");
            }
        }

        return names;
    }

    /// <summary>The pairs in one form only: sorted, as <see cref="Parse"/> reads them.</summary>
    public override string ToString() => string.Join(',', inFile.Select(pair => $"{pair.Key}={pair.Value}"));

    /// <summary>The name that the file has for <paramref name="known"/>; null where it is not given.</summary>
    internal string? InFile(string known) => inFile.GetValueOrDefault(known);

    /// <summary>Whether <paramref name="name"/> is a column of the file that is given.</summary>
    internal bool Names(string name) => inFile.ContainsValue(name);

    /// <summary>The row under the known names. A column of the file that has a known name, and is not meant, is left out.</summary>
    /// <exception cref="InvalidDataException">The row lacks a column.</exception>
    internal JsonDocument Rename(JsonRow row)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(text))
        {
            writer.WriteStartObject();
            foreach (var (known, name) in inFile)
            {
                if (row.Value.ValueKind != JsonValueKind.Object || !row.Value.TryGetProperty(name, out var value))
                {
                    throw new InvalidDataException(
                        $"{row.Where}: '{name}' is missing, which `Columns` names for '{known}'. Correct the row or the option.");
                }

                writer.WritePropertyName(known);
                writer.WriteRawValue(value.GetRawText(), skipInputValidation: true);
            }

            foreach (var member in row.Value.EnumerateObject().Where(m => !inFile.ContainsKey(m.Name) && !inFile.ContainsValue(m.Name)))
            {
                writer.WritePropertyName(member.Name);
                writer.WriteRawValue(member.Value.GetRawText(), skipInputValidation: true);
            }

            writer.WriteEndObject();
        }

        return JsonDocument.Parse(text.WrittenMemory);
    }
}
