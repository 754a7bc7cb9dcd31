using OrtDpo.Batches;
using OrtDpo.Data.Ranked;

namespace OrtDpo.Data;

/// <summary>Data files of any kind of row.</summary>
public static class RowFile
{
    /// <summary>The rows of <paramref name="source"/>, all of <paramref name="kind"/>.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is damaged, has no rows, or a row is wrong; the message names file and line.
    /// </exception>
    /// <exception cref="NotSupportedException">The file holds a known kind of data that is not asked for or not read.</exception>
    /// <param name="source">The file.</param>
    /// <param name="kind">What its rows are.</param>
    /// <param name="conversations">How rows of messages become text; null: they are refused.</param>
    /// <param name="pairs">Which pairs are made of ranked completions.</param>
    /// <param name="passedOver">Called for each column that no row is made of; null: nobody wants to know.</param>
    public static IEnumerable<ExampleText> Read(
        DataSource source, RowKind kind, Conversations? conversations, PairChoice pairs = PairChoice.BestWorst,
        Action<UnreadColumn>? passedOver = null) => kind == RowKind.Pair
        ? PairFile.Read(source.Path, source.Name, source.Columns, conversations, pairs, passedOver)
        : CompletionFile.Read(source.Path, source.Name, labelled: kind == RowKind.Unpaired, source.Columns, conversations, passedOver);

    /// <summary>
    /// The kind of the rows of <paramref name="files"/>, by the columns of each file's first row; a reader compares a file's other rows
    /// with its first. Where no first row is of any kind it is pairs, whose reader says what is wrong with it.
    /// </summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">Two files hold rows of different kinds, or a file is damaged.</exception>
    public static RowKind KindOf(IEnumerable<DataSource> files)
    {
        (string Where, RowKind Kind)? first = null;
        foreach (var file in files)
        {
            if (FirstKind(file) is not { } found)
            {
                continue;
            }

            first ??= found;
            if (found.Kind != first.Value.Kind)
            {
                throw new InvalidDataException($"{found.Where} is {RowShape.NameOf(found.Kind)}, and {first.Value.Where} is "
                    + $"{RowShape.NameOf(first.Value.Kind)}. All files of a run hold rows of one kind: give each kind a run of its own.");
            }
        }

        return first?.Kind ?? RowKind.Pair;
    }

    static (string Where, RowKind Kind)? FirstKind(DataSource file)
    {
        if (!File.Exists(file.Path))
        {
            throw new FileNotFoundException(
                $"The data file {file.Path} does not exist. "
                + "Give a JSON, JSON Lines, CSV, Parquet or Arrow file of preference pairs, unpaired feedback or supervised rows.",
                file.Path);
        }

        // Looked at before the next row is asked for: a row is valid until then.
        return GzipFile.OrDamaged(JsonRows.Read(file.Path, file.Columns), file.Path)
            .Select(row => RowShape.Of(row) is { } shape ? (row.Where, shape.Kind) : ((string, RowKind)?)null)
            .FirstOrDefault();
    }
}
