using OrtDpo.Runs;

namespace OrtDpo.Data.Cache;

/// <summary>
/// What a run without a reference trains on: <c>data/rows.parquet</c> and <c>ledger.json</c> in its folder. A resumed run starts from there
/// and tokenizes nothing again.
/// </summary>
/// <param name="Rows">The rows that are used; of ranked completions one for each pair.</param>
/// <param name="Ledger">What became of every row of the files.</param>
public sealed record RunData(IReadOnlyList<PreparedExample> Rows, Ledger Ledger)
{
    const string RowsFile = "rows.parquet";

    readonly SortedDictionary<string, string> sets = LedgerSource.Sets(Ledger.Sources);

    /// <summary>The files in <paramref name="folder"/>, relative to it; none where the run has a reference.</summary>
    public static IEnumerable<string> FilesIn(string folder) =>
        new[] { Path.Combine("data", RowsFile), CacheFiles.Ledger(Shard.Whole) }.Where(file => File.Exists(Path.Combine(folder, file)));

    /// <summary>The data of the run in <paramref name="folder"/>; null where there are none.</summary>
    /// <exception cref="InvalidDataException">They are damaged.</exception>
    public static RunData? Find(string folder)
    {
        var (rows, ledger) = (RowsOf(folder), Path.Combine(folder, CacheFiles.Ledger(Shard.Whole)));
        return File.Exists(rows) && File.Exists(ledger) ? new RunData(TokenPart.Read(rows), FileJson.Read<Ledger>(ledger)) : null;
    }

    /// <summary>The data of the finished run in <paramref name="folder"/>, which has no reference.</summary>
    /// <exception cref="InvalidDataException">They are not there, or damaged.</exception>
    public static RunData Of(string folder) =>
        Find(folder) ?? throw new InvalidDataException($"{folder} lacks data/rows.parquet, which the run was trained on. Run it again.");

    /// <summary>The name of the set that a held-out row is judged with; null: that of all rows without one, or the row is none.</summary>
    public string? SetOf(PreparedExample row) => row.Split == Split.Eval ? sets.GetValueOrDefault(row.Source) : null;

    /// <summary>Writes them into the run's folder.</summary>
    public void Write(string folder)
    {
        DurableFolder.Make(Path.Combine(folder, "data"));
        AtomicFile.Write(RowsOf(folder), stream => TokenPart.Write(stream, Rows));
        FileJson.Write(Path.Combine(folder, CacheFiles.Ledger(Shard.Whole)), Ledger);
    }

    /// <summary>Checks that these are the files that the data came from; a file that is gone is not needed.</summary>
    /// <exception cref="InvalidDataException">There are other files, or one has other contents.</exception>
    public void RequireSources(string folder, IReadOnlyList<DataSource> sources)
    {
        var (before, now) = (Names(Ledger.Sources.Select(s => (s.Set, s.Name))), Names(sources.Select(s => (s.Set, s.Name))));
        if (before != now)
        {
            throw new InvalidDataException($"{folder} was started with the data {before}, and this command has {now}. "
                + "Resume with the data of the run, or choose another folder.");
        }

        foreach (var (source, recorded) in sources.Zip(Ledger.Sources))
        {
            if (File.Exists(source.Path) && FileDigest.OfFile(source.Path) != recorded.Sha256)
            {
                throw new InvalidDataException($"{source.Path} has changed since {folder} was started with it. "
                    + "Restore the file, or choose another folder.");
            }
        }
    }

    static string RowsOf(string folder) => Path.Combine(folder, "data", RowsFile);

    static string Names(IEnumerable<(string? Set, string Name)> files) =>
        string.Join(", ", files.Select(file => file.Set is null ? file.Name : $"{file.Set}={file.Name}"));
}
