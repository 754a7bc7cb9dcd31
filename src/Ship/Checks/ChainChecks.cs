using System.Globalization;
using OrtDpo.Data;
using OrtDpo.Data.Cache;
using OrtDpo.Export;
using OrtDpo.Export.Verification;
using OrtDpo.Runs;
using OrtDpo.Tokenizers;

namespace OrtDpo.Ship.Checks;

/// <summary>Whether data, cache, run and export are those that belong together, by their digests: nothing is computed for it.</summary>
static class ChainChecks
{
    const string Required = "required";

    /// <summary>The run's files against its manifest, and that against its configuration.</summary>
    public static ReleaseCheck Run(TrainedRun run) => Chain("run", () =>
    {
        var audit = RunAudit.Of(run.Folder, cacheDigest: null);
        return (Text($"{audit.Files} files as written"), audit.Faults);
    });

    /// <summary>The cache's bytes and rows against its manifests, and these against the run.</summary>
    public static ReleaseCheck Cache(TrainedRun run)
    {
        if (run.ReferenceCache is not { } folder)
        {
            return NotApplicable("cache", "The run's objective has no reference, and the run no cache.");
        }

        return Chain("cache", () =>
        {
            var audit = CacheAudit.Of(folder);
            var faults = new List<string>(audit.Faults);
            // A manifest that cannot be read has no digest.
            if (faults.Count == 0 && ReferenceCache.DigestOf(folder) is var found && run.Text("cache_digest") is var trained
                && found != trained)
            {
                faults.Add($"{folder} is not the cache that the run was trained on: its digest is {Short(found)} and the run's "
                    + $"configuration says {Short(trained)}. Train again, or restore the cache.");
            }

            return (Text($"{audit.Rows} rows, the run's own"), faults);
        });
    }

    /// <summary>Data files that were given against those that the rows were made of.</summary>
    public static ReleaseCheck Data(TrainedRun run, IReadOnlyList<string> paths)
    {
        if (paths.Count == 0)
        {
            return NotApplicable("data", "No data files were given (`Files`).");
        }

        return Chain("data", () =>
        {
            var recorded = LedgerOf(run).Sources.GroupBy(source => source.Name, StringComparer.Ordinal)
                .ToDictionary(same => same.Key, same => same.First().Sha256, StringComparer.Ordinal);
            var given = DataSource.FromPaths([.. DataPaths.Expand(paths)]);
            var faults = new List<string>();
            foreach (var source in given)
            {
                if (!recorded.TryGetValue(source.Name, out var sha256))
                {
                    faults.Add($"{source.Path} is none of the files that the rows were made of: {string.Join(", ", recorded.Keys)}.");
                }
                else if (FileDigest.OfFile(source.Path) != sha256)
                {
                    faults.Add($"{source.Path} has changed since the rows were made of it. Run precompute and train again, or restore it.");
                }
            }

            return (Text($"{given.Count} of {recorded.Count} files as read"), faults);
        });
    }

    /// <summary>The export's own account of what it was made from against the run.</summary>
    public static ReleaseCheck Export(Attempt<ExportedModel> export) => Chain("export", () =>
    {
        // A model that ONNX Runtime does not load says nothing of itself; that it does not load is what parity finds.
        var model = export.Value ?? throw new InvalidDataException(export.WhyNot);
        var (compared, faults) = model.Origin();
        return (Text($"{compared} digests, the run's own"), faults);
    });

    /// <summary>The export's files against its manifest.</summary>
    public static ReleaseCheck ExportFiles(string export) => Chain("export_files", () =>
    {
        var found = ExportVerification.Of(export);
        return (Text($"{found.Files} files as written"), found.Faults);
    });

    /// <summary>The tokenizers of cache, checkpoint and export, read anew, against the run's.</summary>
    public static ReleaseCheck Tokenizer(TrainedRun run, HeldOutCache? cache, string export) => Chain("tokenizer", () =>
    {
        var expected = run.Text("tokenizer_digest");
        var found = new List<(string Where, string Digest)>();
        if (cache is { } known)
        {
            found.Add((known.Folder, known.TokenizerDigest));
        }

        found.Add((run.Checkpoint, ModelTokenizer.Load(run.Checkpoint).Digest));
        found.Add((export, ModelTokenizer.Load(export).Digest));
        return ($"{Short(expected)} in all places", [.. found.Where(place => place.Digest != expected).Select(place =>
            $"{place.Where} has another tokenizer than the run was trained with: its digest is {Short(place.Digest)} and not "
            + $"{Short(expected)}, so that the model would read other tokens than it learned. Restore the run's tokenizer.")]);
    });

    /// <summary>The export's chat template against the one that the rows were made with.</summary>
    public static ReleaseCheck Template(TrainedRun run, HeldOutCache? cache, string export)
    {
        var expected = cache is { } known ? known.TemplateDigest
            : RunAudit.IsRun(run.Folder) ? RunManifest.Read(run.Folder).Inputs.GetValueOrDefault("chat_template") : null;
        if (expected is null)
        {
            return NotApplicable("chat_template", "The rows were made of texts, without a chat template.");
        }

        return Chain("chat_template", () =>
        {
            var found = ChatTemplateFolder.Load(export).Digest;
            return ($"{Short(found)} as in the rows", found == expected ? [] :
            [
                $"{export} has another chat template than the rows were made with: its digest is {Short(found)} and not {Short(expected)}, "
                + "so that a host would ask in another form than was learned. Restore the template, or export the run again.",
            ]);
        });
    }

    static ReleaseCheck NotApplicable(string name, string reason) =>
        new(name, Verdict.NotApplicable) { Threshold = Required, Reason = reason };

    static ReleaseCheck Chain(string name, Func<(string Found, IReadOnlyList<string> Faults)> look)
    {
        var attempt = Attempt<Looked>.Of(() =>
        {
            var (found, faults) = look();
            return new Looked(found, faults);
        });
        if (attempt.Value is not { } looked)
        {
            return new(name, Verdict.NotJudged) { Threshold = Required, Reason = attempt.WhyNot };
        }

        if (looked.Faults.Count == 0)
        {
            return new(name, Verdict.Passed) { Found = looked.Found, Threshold = Required };
        }

        var count = looked.Faults.Count;
        return new(name, Verdict.Blocked)
        {
            Found = count == 1 ? "1 fault" : Text($"{count} faults"),
            Threshold = Required,
            Reason = looked.Faults[0] + (count == 1 ? "" : Text($" ({count} faults in all.)")),
        };
    }

    static Ledger LedgerOf(TrainedRun run) => run.ReferenceCache is { } folder
        ? FileJson.Read<Ledger>(Path.Combine(folder, CacheFiles.Ledger(ReferenceCache.Open(folder).Shards[0].Shard)))
        : RunData.Of(run.Folder).Ledger;

    static string Short(string? digest) => digest is null ? "none" : digest.Length > 12 ? $"{digest[..12]}…" : digest;

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    sealed record Looked(string Found, IReadOnlyList<string> Faults);
}

/// <summary>What a run's cache says of how its rows were made.</summary>
/// <param name="Folder">The cache.</param>
/// <param name="TokenizerDigest">Of the tokenizer.</param>
/// <param name="TemplateDigest">Of the chat template; null: none was applied.</param>
readonly record struct HeldOutCache(string Folder, string TokenizerDigest, string? TemplateDigest);
