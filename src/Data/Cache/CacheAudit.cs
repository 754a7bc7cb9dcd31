using OrtDpo.Runs;

namespace OrtDpo.Data.Cache;

/// <summary>
/// Everything that is wrong with a cache: what <see cref="ReferenceCache.Open"/> checks and more, and on after the first fault.
/// </summary>
public sealed class CacheAudit
{
    readonly string folder;
    readonly List<string> faults = [];
    readonly List<string> notes = [];
    readonly List<CacheManifest> shards = [];
    readonly Dictionary<(string Source, long Row, string Key), string> origins = [];

    CacheAudit(string folder) => this.folder = folder;

    /// <summary>Faults, each a sentence that names a file; none = every byte is as it was written.</summary>
    public IReadOnlyList<string> Faults => faults;

    /// <summary>What lies in the folder and is no part of the cache.</summary>
    public IReadOnlyList<string> Notes => notes;

    /// <summary>The manifests that could be read.</summary>
    public IReadOnlyList<CacheManifest> Shards => shards;

    /// <summary>Rows in whole parts.</summary>
    public int Rows { get; private set; }

    /// <summary>Reads every byte of the cache in <paramref name="folder"/>.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidDataException">The folder is no cache.</exception>
    public static CacheAudit Of(string folder)
    {
        var audit = new CacheAudit(folder);
        var files = ReferenceCache.RequireManifests(folder);
        foreach (var file in files)
        {
            audit.Try(() => audit.Shard(file));
        }

        if (audit.shards.Count == files.Count && ShardSet.Fault(folder, audit.shards) is { } fault)
        {
            audit.faults.Add(fault);
        }

        audit.NoteOthers();
        return audit;
    }

    // A fault must not hide the next one; whoever reads the list decides.
    void Try(Action check)
    {
        try
        {
            check();
        }
        catch (Exception fault) when (fault is InvalidDataException or IOException)
        {
            faults.Add(fault.Message);
        }
    }

    void Shard(string file)
    {
        var manifest = CacheManifest.Read(file);
        shards.Add(manifest);
        Try(() => ReferenceCache.RequireComplete(file, manifest));
        RequireNames(file, manifest);
        RequireLedger(manifest);
        var rows = 0;
        foreach (var part in manifest.Parts)
        {
            Try(() => rows += Part(manifest, part));
        }

        if (manifest.Complete && faults.Count == 0 && rows != manifest.Plan.Rows)
        {
            faults.Add($"{file} lists parts of {rows} rows in all; its plan has {manifest.Plan.Rows}. Run precompute into another folder.");
        }

        Rows += rows;
    }

    void RequireNames(string file, CacheManifest manifest)
    {
        if (Path.GetFileName(file) != CacheFiles.Manifest(manifest.Shard))
        {
            faults.Add($"{file} is the manifest of shard {manifest.Shard}. Give it its own name, {CacheFiles.Manifest(manifest.Shard)}.");
        }

        foreach (var part in manifest.Parts.Where(part => part.File != CacheFiles.Part(manifest.Shard, part.Index)))
        {
            faults.Add($"{file} lists {part.File} as part {part.Index} of shard {manifest.Shard}. Run precompute into another folder.");
        }
    }

    void RequireLedger(CacheManifest manifest)
    {
        var path = Path.Combine(folder, CacheFiles.Ledger(manifest.Shard));
        if (!File.Exists(path))
        {
            faults.Add($"{path} is missing, which the manifest names. Run precompute again with the same options.");
        }
        else if (FileDigest.OfFile(path) is var found && found != manifest.LedgerSha256)
        {
            faults.Add($"{path} is damaged: its SHA-256 is {found[..12]}… and the manifest says {manifest.LedgerSha256[..12]}…. "
                + "Run precompute again with the same options.");
        }
    }

    int Part(CacheManifest manifest, CachePart part)
    {
        var rows = CacheReading.ReadPart(folder, manifest, part);
        foreach (var row in rows)
        {
            // The copies of a row, which its source's weight adds, lie in one part.
            var origin = (row.Source, row.SourceRow, row.RowKey);
            if (!origins.TryAdd(origin, part.File) && origins[origin] != part.File)
            {
                throw new InvalidDataException(
                    $"{Path.Combine(folder, part.File)} holds {row.Source}:{row.SourceRow}, which another part holds too. "
                    + "Put only parts of one cache into a folder.");
            }
        }

        return rows.Count;
    }

    void NoteOthers()
    {
        var listed = shards.SelectMany(shard => shard.Parts.Select(part => part.File)).ToHashSet();
        notes.AddRange(Directory.EnumerateFiles(folder).Select(path => Path.GetFileName(path))
            .Where(name => (name.StartsWith("part-", StringComparison.Ordinal) && !listed.Contains(name))
                || name.EndsWith(AtomicFile.TemporarySuffix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name => $"{name} is no part of the cache: no manifest lists it"));
    }
}
