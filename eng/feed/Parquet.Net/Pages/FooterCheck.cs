using Parquet.Meta;

namespace Parquet.Pages;

/// <summary>Checks the footer's numbers against the file, before anybody takes memory by them.</summary>
static class FooterCheck
{
    /// <param name="file">The footer.</param>
    /// <param name="dataEnd">Where the footer begins.</param>
    /// <exception cref="InvalidDataException">A chunk lies outside the file, or counts contradict each other.</exception>
    public static void Require(FileMetaData file, long dataEnd)
    {
        decimal rows = 0;
        var bare = file.Schema.Where(n => n.RepetitionType == FieldRepetitionType.REPEATED).Select(n => n.Name).ToHashSet();
        foreach (var group in file.RowGroups)
        {
            rows += group.NumRows;
            foreach (var chunk in group.Columns)
            {
                RequireChunk(chunk, group.NumRows, dataEnd, bare);
            }
        }

        if (rows != file.NumRows || file.RowGroups.Any(g => g.NumRows < 0))
        {
            throw new InvalidDataException($"The footer says {file.NumRows} rows; its row groups have {rows}.");
        }
    }

    static void RequireChunk(ColumnChunk chunk, long rows, long dataEnd, HashSet<string> bare)
    {
        if (chunk.FilePath is not null)
        {
            throw StandIn.Lacks($"A column lies in another file, '{chunk.FilePath}'");
        }

        var column = chunk.MetaData ?? throw new InvalidDataException("A column of the footer has no metadata.");
        var path = string.Join('/', column.PathInSchema);
        var size = column.TotalCompressedSize;
        if (column.Start < ParquetActor.MagicLength || size < 0 || size > Array.MaxLength || column.Start > dataEnd - size)
        {
            throw new InvalidDataException(
                $"Column '{path}' is said to take {size} bytes from {column.Start}; the file's data ends at {dataEnd}.");
        }

        // A list has a slot for every row at least; a flat column exactly one.
        var isFlat = column.PathInSchema is [var name] && !bare.Contains(name);
        if (column.NumValues > Array.MaxLength || column.NumValues < rows || (isFlat && column.NumValues != rows))
        {
            throw new InvalidDataException($"Column '{path}' is said to have {column.NumValues} values in {rows} rows.");
        }
    }
}
