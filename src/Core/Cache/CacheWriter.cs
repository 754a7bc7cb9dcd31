using OrtDpo.Core.Batches;
using OrtDpo.Core.Data;
using OrtDpo.Core.Runs;

namespace OrtDpo.Core.Cache;

/// <summary>
/// Writes one shard of a cache, or continues one that was killed: whole parts stay, the others are scored in the same batches. Used in the
/// order <see cref="Begin"/>, <see cref="Score"/>, <see cref="Complete"/>; disposing gives the lock back.
/// </summary>
public sealed class CacheWriter : IDisposable
{
    readonly string folder;
    readonly FileLock held;
    readonly Shard shard;
    readonly CacheIdentity identity;
    readonly ScoringPlan plan;
    CacheManifest? manifest;

    CacheWriter(string folder, FileLock held, Shard shard, CacheIdentity identity, ScoringPlan plan, CacheManifest? found)
    {
        this.folder = folder;
        this.held = held;
        this.shard = shard;
        this.identity = identity;
        this.plan = plan;
        manifest = found is null ? null : found with { Parts = [.. found.Parts.Where(part => CacheReading.IsIntact(folder, part))] };
        DamagedParts = found is null ? [] : [.. found.Parts.Except(manifest!.Parts).Select(part => part.File)];
    }

    /// <summary>Parts that an earlier run wrote and that need no scoring.</summary>
    public int PartsFound => manifest?.Parts.Count ?? 0;

    /// <summary>Parts that the manifest lists but that are missing or damaged; they are made anew.</summary>
    public IReadOnlyList<string> DamagedParts { get; }

    /// <summary>Whether every part was found whole.</summary>
    public bool NothingToScore => PartsFound == plan.Summary.Parts;

    /// <summary>Distinct pairs that are still to be scored.</summary>
    public int PairsToScore => MissingParts().Sum(part => plan.BatchesOf(part).Sum(batch => batch.Count));

    /// <summary>Locks the shard and looks at what is there.</summary>
    /// <exception cref="IOException">Another run writes this shard, or the folder holds something that is no cache.</exception>
    /// <exception cref="InvalidDataException">The folder holds a cache made otherwise; the message says what differs.</exception>
    public static CacheWriter Begin(string folder, Shard shard, CacheIdentity identity, ScoringPlan plan)
    {
        var isCache = Directory.Exists(folder) && CacheFiles.Manifests(folder).Count > 0;
        OutputFolder.Make(folder, "cache", name => isCache || CacheFiles.Precede(name));
        var held = FileLock.Take(Path.Combine(folder, CacheFiles.Lock(shard)));
        try
        {
            CacheManifest? own = null;
            foreach (var file in CacheFiles.Manifests(folder))
            {
                var found = CacheManifest.Read(file);
                RequireSame(folder, found, shard, identity, plan);
                own = found.Shard == shard ? found : own;
            }

            return new CacheWriter(folder, held, shard, identity, plan, own);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Scores what is missing, part by part.</summary>
    /// <param name="environment">On what it is scored.</param>
    /// <param name="vocabularySize">The reference's vocabulary, for the probe.</param>
    /// <param name="layout">How the reference reads batches.</param>
    /// <param name="score">A packed batch to its token log-probabilities, <c>float32 [R, T]</c>, nats.</param>
    /// <param name="pairsDone">Called after each batch with the number of pairs that it held.</param>
    /// <exception cref="InvalidDataException">A score is not finite, or an earlier run computed other numbers or in another environment.</exception>
    public void Score(
        ScoringEnvironment environment, int vocabularySize, BatchLayout layout, Func<PackedBatch, float[]> score, Action<int> pairsDone)
    {
        var probe = ScoreProbe.Take(vocabularySize, layout, score);
        if (manifest is null)
        {
            manifest = new CacheManifest
            {
                Format = CacheManifest.CurrentFormat,
                Kind = CacheManifest.PairKind,
                Shard = shard,
                Identity = identity,
                Environment = environment,
                Probe = probe,
                Plan = plan.Summary,
                Parts = [],
                Complete = false,
            };
        }
        else
        {
            RequireSameNumbers(manifest, environment, probe);
        }

        Save(manifest with { Complete = false });
        foreach (var part in MissingParts())
        {
            Save(manifest with { Parts = [.. manifest.Parts.Append(WritePart(part, layout, score, pairsDone)).OrderBy(p => p.Index)] });
        }
    }

    /// <summary>Reads everything back and marks the shard as complete.</summary>
    /// <exception cref="InvalidDataException">What lies on the disk is not what was written.</exception>
    public void Complete()
    {
        if (manifest is null || !NothingToScore)
        {
            throw new InvalidOperationException("Parts are missing: Score comes before Complete.");
        }

        var rows = manifest.Parts.Sum(part => CacheReading.ReadPart(folder, manifest, part).Count);
        if (rows != plan.Summary.Rows)
        {
            throw new InvalidDataException($"{folder} holds {rows} rows of shard {shard}; the plan has {plan.Summary.Rows}.");
        }

        if (!manifest.Complete)
        {
            Save(manifest with { Complete = true });
        }
    }

    public void Dispose() => held.Dispose();

    List<int> MissingParts() => [.. Enumerable.Range(0, plan.Summary.Parts).Except(manifest?.Parts.Select(part => part.Index) ?? [])];

    CachePart WritePart(int index, BatchLayout layout, Func<PackedBatch, float[]> score, Action<int> pairsDone)
    {
        var rows = new List<CachedPair>();
        foreach (var batch in plan.BatchesOf(index))
        {
            rows.AddRange(PairScoring.Score(batch, layout, score));
            pairsDone(batch.Count);
        }

        var name = CacheFiles.Part(shard, index);
        var path = Path.Combine(folder, name);
        AtomicFile.Write(path, stream => PairPart.Write(stream, rows), temporary => RequireReadBack(temporary, rows));
        return new CachePart(index, name, rows.Count, FileDigest.OfFile(path));
    }

    void RequireReadBack(string path, List<CachedPair> written)
    {
        var rows = PairPart.Read(path);
        CacheReading.Check(path, rows, written.Count, identity.ContractDigest);
        if (!rows.Select(Origin).SequenceEqual(written.Select(Origin)))
        {
            throw new InvalidDataException($"{path} does not hold the rows that were written to it. Look after the disk, then run precompute again.");
        }

        // Keys and sums, which the check has compared with tokens and token log-probabilities, stand for these.
        static (string, string, long, Split, double, double) Origin(CachedPair row) =>
            (row.RowKey, row.Source, row.SourceRow, row.Split, row.RefChosenLogps, row.RefRejectedLogps);
    }

    void Save(CacheManifest changed)
    {
        manifest = changed;
        FileJson.Write(Path.Combine(folder, CacheFiles.Manifest(shard)), manifest);
    }

    static void RequireSame(string folder, CacheManifest found, Shard shard, CacheIdentity identity, ScoringPlan plan)
    {
        var difference = found.Shard.Count != shard.Count ? $"in shards {found.Shard}"
            : CacheIdentity.Difference(found.Identity, identity) is { } other ? $"with {other}"
            : found.Shard == shard && found.Plan != plan.Summary ? "from other rows, or another split of them"
            : null;
        if (difference is not null)
        {
            throw new InvalidDataException($"{folder} holds a cache that was made {difference}. Choose another folder, or delete this one.");
        }
    }

    void RequireSameNumbers(CacheManifest found, ScoringEnvironment environment, ScoreProbe probe)
    {
        if (found.Environment != environment)
        {
            throw new InvalidDataException($"{folder} was begun with {Words(found.Environment)}, and this run has {Words(environment)}. "
                + "Continue it as it was begun, or choose another folder.");
        }

        if (found.Probe.Distance(probe) is var distance && !(distance <= ScoreProbe.Tolerance))
        {
            throw new InvalidDataException(FormattableString.Invariant($"{folder} was begun with a reference whose fixed tokens score {distance:g3} nats ")
                + FormattableString.Invariant($"apart from this one's; at most {ScoreProbe.Tolerance} is rounding. Choose another folder."));
        }
    }

    static string Words(ScoringEnvironment environment) =>
        FormattableString.Invariant($"ONNX Runtime {environment.OnnxRuntime} on {environment.Device} and {environment.Threads} threads");
}
