using System.Text.Json;

namespace OrtDpo.Core.Data;

/// <summary>Data files of any kind of row.</summary>
public static class RowFile
{
    /// <summary>The rows of <paramref name="source"/>, all of <paramref name="kind"/>.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, has no rows, or a row is wrong; the message names file and line.</exception>
    /// <exception cref="NotSupportedException">The file holds a known kind of data that is not asked for or not read.</exception>
    public static IEnumerable<PairText> Read(DataSource source, RowKind kind, Conversations? conversations) => kind == RowKind.Pair
        ? PairFile.Read(source.Path, source.Name, source.Columns, conversations)
        : CompletionFile.Read(source.Path, source.Name, labelled: kind == RowKind.Unpaired, source.Columns, conversations);

    /// <summary>
    /// Whether the rows that a reference is to score are unpaired feedback, by the columns of the first: <c>completion</c> and <c>label</c>, and no
    /// <c>chosen</c>. Everything else is read as pairs, whose reader says what is wrong with it.
    /// </summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static RowKind FeedbackKind(string path, ColumnNames? columns = null)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException(
                $"The data file {path} does not exist. Give a JSON or JSON Lines file of preference pairs or of unpaired feedback, plain or gzip.", path);
        }

        return JsonRows.Read(path, columns).Select(row => Has(row, "completion") && Has(row, "label") && !Has(row, "chosen")).FirstOrDefault()
            ? RowKind.Unpaired
            : RowKind.Pair;
    }

    static bool Has(JsonRow row, string name) => row.Value.ValueKind == JsonValueKind.Object && row.Value.TryGetProperty(name, out _);
}
