using OrtDpo.Batches;
using OrtDpo.Runs;

namespace OrtDpo.Data.Cache;

/// <summary>
/// Writes one shard of a cache, or continues one that was killed: whole parts stay, the others are scored in the same batches.
/// <see cref="Begin"/> locks the shard, <see cref="Finish"/> does the rest; disposing gives the lock back.
/// </summary>
public sealed class CacheWriter : IDisposable
{
    readonly string folder;
    readonly FileLock held;
    readonly ShardIdentity shard;
    readonly ScoringPlan plan;
    readonly KnownScores known;
    readonly string ledgerSha256;
    CacheManifest? manifest;

    CacheWriter(
        string folder, FileLock held, ShardIdentity shard, ScoringPlan plan, KnownScores known, CacheManifest? found, string ledgerSha256)
    {
        this.folder = folder;
        this.held = held;
        this.shard = shard;
        this.plan = plan;
        this.known = known;
        this.ledgerSha256 = ledgerSha256;
        var standing = CacheStanding.Of(folder, found);
        manifest = found is null ? null : found with { Parts = standing.Whole };
        DamagedParts = standing.Damaged;
    }

    /// <summary>Ends <see cref="Finish"/> early, behind the batch that is scored; whole parts stay, for the run that continues.</summary>
    public CancellationToken Stop { get; set; }

    /// <summary>The path of the account of the rows.</summary>
    public string Ledger => Path.Combine(folder, CacheFiles.Ledger(shard.Shard));

    /// <summary>Parts that an earlier run wrote and that need no scoring.</summary>
    public int PartsFound => manifest?.Parts.Count ?? 0;

    /// <summary>Parts that the manifest lists but that are missing or damaged; they are made anew.</summary>
    public IReadOnlyList<string> DamagedParts { get; }

    /// <summary>Whether every part was found whole.</summary>
    public bool NothingToScore => PartsFound == plan.Summary.Parts;

    /// <summary>Distinct pairs that are still to be scored.</summary>
    public int PairsToScore => MissingParts()
        .SelectMany(plan.BatchesOf)
        .SelectMany(batch => batch)
        .Where(planned => planned.Known is null)
        .Sum(planned => planned.Rows.Count);

    /// <summary>Locks the shard, looks at what is there, and writes the account of the rows.</summary>
    /// <typeparam name="T">The kind of account; the cache holds its digest and never reads it.</typeparam>
    /// <exception cref="IOException">Another run writes this shard, or the folder holds something that is no cache.</exception>
    /// <exception cref="InvalidDataException">The folder holds a cache made otherwise; the message says what differs.</exception>
    public static CacheWriter Begin<T>(string folder, ShardIdentity shard, ScoringPlan plan, KnownScores known, T ledger)
    {
        OutputFolder.Make(folder, "cache", Belongs(folder));
        var held = FileLock.Take(Path.Combine(folder, CacheFiles.Lock(shard.Shard)));
        try
        {
            var own = Own(folder, shard, plan);
            var path = Path.Combine(folder, CacheFiles.Ledger(shard.Shard));
            FileJson.Write(path, ledger);
            return new CacheWriter(folder, held, shard, plan, known, own, FileDigest.OfFile(path));
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Refuses what <see cref="Begin"/> refuses, and leaves everything as it is.</summary>
    /// <param name="folder">The cache's folder.</param>
    /// <param name="shard">The shard.</param>
    /// <param name="plan">What is scored together.</param>
    /// <param name="known">Scores of older caches.</param>
    /// <param name="reference">As of <see cref="Finish"/>: it scores the fixed tokens alone.</param>
    /// <returns>What of the shard lies there.</returns>
    /// <exception cref="IOException">Another run writes this shard, or the folder holds something that is no cache.</exception>
    /// <exception cref="InvalidDataException">The folder holds a cache made otherwise; the message says what differs.</exception>
    public static CacheStanding Look(
        string folder, ShardIdentity shard, ScoringPlan plan, KnownScores known,
        Func<(IScorer Scorer, ScoringEnvironment Environment)> reference)
    {
        OutputFolder.Check(folder, "cache", Belongs(folder));
        FileLock.Check(Path.Combine(folder, CacheFiles.Lock(shard.Shard)));
        var own = Directory.Exists(folder) ? Own(folder, shard, plan) : null;
        var standing = CacheStanding.Of(folder, own);
        if (standing.Whole.Count < plan.Summary.Parts)
        {
            var (scorer, environment) = reference();
            using (scorer)
            {
                var probe = ScoreProbe.Take(scorer);
                var reused = known.Shards.Select(older => older.Reuse(probe)).ToList();
                if (own is not null)
                {
                    RequireSameNumbers(folder, own, environment, probe, reused);
                }
            }
        }

        return standing;
    }

    /// <summary>Scores what is missing, part by part, reads everything back and marks the shard as complete.</summary>
    /// <param name="reference">Opens the model, and says on what it scores; called only where something is missing. Disposed here.</param>
    /// <param name="pairsDone">Called after each batch with the number of pairs that it held.</param>
    /// <exception cref="OperationCanceledException">It was stopped (<see cref="Stop"/>).</exception>
    /// <exception cref="InvalidDataException">
    /// A score is not finite, an earlier run computed other numbers or in another environment, or what lies on the disk is not what was
    /// written.
    /// </exception>
    public void Finish(Func<(IScorer Scorer, ScoringEnvironment Environment)> reference, Action<int> pairsDone)
    {
        if (!NothingToScore)
        {
            var (scorer, environment) = reference();
            using (scorer)
            {
                Score(scorer, environment, pairsDone);
            }
        }

        Complete();
    }

    public void Dispose() => held.Dispose();

    void Score(IScorer scorer, ScoringEnvironment environment, Action<int> pairsDone)
    {
        var probe = ScoreProbe.Take(scorer);
        var reused = known.Shards.Select(older => older.Reuse(probe)).ToList();
        if (manifest is null)
        {
            manifest = new CacheManifest
            {
                Format = CacheManifest.CurrentFormat,
                Kind = CacheKind.NameOf(plan.Kind),
                Shard = shard.Shard,
                Identity = shard.Identity,
                Environment = environment,
                Probe = probe,
                DataDigest = shard.DataDigest,
                EvalSets = shard.EvalSets,
                LedgerSha256 = ledgerSha256,
                Plan = plan.Summary,
                Reused = reused,
                Parts = [],
                Complete = false,
            };
        }
        else
        {
            RequireSameNumbers(folder, manifest, environment, probe, reused);
        }

        Save(manifest with { Complete = false });
        // While a part is scored, the one before it is written and read back.
        Task<CachePart>? behind = null;
        try
        {
            foreach (var part in MissingParts())
            {
                var rows = RowsOf(part, scorer, pairsDone);
                Commit(behind);
                behind = Task.Run(() => PartFile.Write(folder, shard, plan.Kind, part, rows));
            }
        }
        finally
        {
            Commit(behind);
        }
    }

    void Complete()
    {
        // Each part was read row by row when it was written; that it still has these bytes is what is left to check.
        var damaged = manifest!.Parts.FirstOrDefault(part => !CacheReading.IsIntact(folder, part));
        if (damaged is not null)
        {
            throw new InvalidDataException($"{Path.Combine(folder, damaged.File)} is not what was written to it. "
                + "Look after the disk, then run precompute again with the same options.");
        }

        var rows = manifest.Parts.Sum(part => part.Rows);
        if (rows != plan.Summary.Rows)
        {
            throw new InvalidDataException($"{folder} holds {rows} rows of shard {shard.Shard}; the plan has {plan.Summary.Rows}.");
        }

        // The same rows may come from a file with other bytes, such as one that was compressed again; and sets may have other names.
        var complete = manifest with
        {
            Complete = true,
            DataDigest = shard.DataDigest,
            EvalSets = shard.EvalSets,
            LedgerSha256 = ledgerSha256,
        };
        // The names of sets are in the digest of the data, and dictionaries are never the same.
        if (complete != manifest with { EvalSets = complete.EvalSets })
        {
            Save(complete);
        }
    }

    void Commit(Task<CachePart>? behind)
    {
        if (behind?.GetAwaiter().GetResult() is { } written && !manifest!.Parts.Contains(written))
        {
            Save(manifest with { Parts = [.. manifest.Parts.Append(written).OrderBy(p => p.Index)] });
        }
    }

    List<int> MissingParts() => [.. Enumerable.Range(0, plan.Summary.Parts).Except(manifest?.Parts.Select(part => part.Index) ?? [])];

    List<CachedRow> RowsOf(int part, IScorer scorer, Action<int> pairsDone)
    {
        var rows = new List<CachedRow>();
        foreach (var batch in plan.BatchesOf(part))
        {
            if (batch[0].Known is not null)
            {
                rows.AddRange(batch.SelectMany(planned => planned.WithLogps(planned.Known!)));
                continue;
            }

            Stop.ThrowIfCancellationRequested();
            rows.AddRange(BatchScoring.Rows(batch, scorer));
            pairsDone(batch.Sum(planned => planned.Rows.Count));
        }

        return rows;
    }

    void Save(CacheManifest changed)
    {
        manifest = changed;
        manifest.Write(Path.Combine(folder, CacheFiles.Manifest(shard.Shard)));
    }

    static Func<string, bool> Belongs(string folder)
    {
        var isCache = Directory.Exists(folder) && CacheFiles.Manifests(folder).Count > 0;
        return name => isCache || CacheFiles.Precede(name);
    }

    static CacheManifest? Own(string folder, ShardIdentity shard, ScoringPlan plan)
    {
        CacheManifest? own = null;
        foreach (var file in CacheFiles.Manifests(folder))
        {
            var found = CacheManifest.Read(file);
            RequireSame(folder, found, shard, plan);
            own = found.Shard == shard.Shard ? found : own;
        }

        return own;
    }

    static void RequireSame(string folder, CacheManifest found, ShardIdentity shard, ScoringPlan plan)
    {
        var isOwn = found.Shard == shard.Shard;
        var difference = found.Shard.Count != shard.Shard.Count ? $"in shards {found.Shard}"
            : CacheIdentity.Difference(found.Identity, shard.Identity) is { } other ? $"with {other}"
            : found.KindOfRows != plan.Kind ? $"of the kind '{found.Kind}'"
            : isOwn && found.Plan.Reused != plan.Summary.Reused
                ? FormattableString.Invariant($"with {found.Plan.Reused} pairs of older caches (`Reuse`) and not {plan.Summary.Reused}")
            : isOwn && found.Plan != plan.Summary ? "from other rows, or another split of them"
            : !isOwn && found.DataDigest != shard.DataDigest ? $"from other data (shard {found.Shard})"
            : null;
        if (difference is not null)
        {
            throw new InvalidDataException($"{folder} holds a cache that was made {difference}. "
                + "Choose another folder, or delete this one.");
        }
    }

    static void RequireSameNumbers(
        string folder, CacheManifest found, ScoringEnvironment environment, ScoreProbe probe, List<ReusedCache> reused)
    {
        if (found.Environment != environment)
        {
            throw new InvalidDataException($"{folder} was begun with {Words(found.Environment)}, and this run has {Words(environment)}. "
                + "Continue it as it was begun, or choose another folder.");
        }

        if (!found.Reused.Select(older => older.ManifestSha256).SequenceEqual(reused.Select(older => older.ManifestSha256)))
        {
            throw new InvalidDataException(
                $"{folder} was begun with other older caches than this run's `Reuse` names, or these have changed since. "
                + "Continue it as it was begun, or choose another folder.");
        }

        var (distance, allowed) = (found.Probe.Distance(probe), found.Identity.Tolerance.Token);
        if (!(distance <= allowed))
        {
            throw new InvalidDataException(
                FormattableString.Invariant($"{folder} was begun with a reference whose fixed tokens score {distance:g3} nats ")
                + FormattableString.Invariant($"apart from this one's; at most {allowed} is rounding. ")
                + "Choose another folder.");
        }
    }

    static string Words(ScoringEnvironment environment) =>
        FormattableString.Invariant($"ONNX Runtime {environment.OnnxRuntime} on {environment.Device}")
        + (environment.DeviceModel is { } model ? $" ({model})" : "")
        + FormattableString.Invariant($" and {environment.Threads} threads");
}
