namespace OrtDpo.Feed.Tests.ParquetFiles;

/// <summary>A folder of files that DuckDB and arrow-rs wrote, each with its cells as JSON beside it; written once per run.</summary>
public sealed class FilesOfOthers : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("ortdpo-feed-").FullName;
    readonly Lazy<Task> duckDb;
    readonly Lazy<Task> arrow;

    public FilesOfOthers()
    {
        duckDb = new(() => Node.RunAsync("write-duckdb.mjs", folder));
        arrow = new(() => Node.RunAsync("write-arrow.mjs", folder));
    }

    public Task<(byte[] File, string Cells)> DuckDbAsync(string name) => LoadAsync(duckDb.Value, name);

    public Task<(byte[] File, string Cells)> ArrowAsync(string name) => LoadAsync(arrow.Value, name);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    async Task<(byte[] File, string Cells)> LoadAsync(Task written, string name)
    {
        await written;
        var cells = Path.Combine(folder, $"{name}.json");
        return (await File.ReadAllBytesAsync(Path.Combine(folder, $"{name}.parquet")), File.Exists(cells) ? await File.ReadAllTextAsync(cells) : "");
    }
}
