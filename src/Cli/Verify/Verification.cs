using OrtDpo.Batches;
using System.Globalization;
using System.Text.Json;
using OrtDpo.Data.Cache;
using OrtDpo.Core.CommandLine;
using OrtDpo.Runs;
using OrtDpo.Precompute;

namespace OrtDpo.Cli.Verify;

/// <summary>Checks a folder against its manifests, and a cache against its model.</summary>
static class Verification
{
    /// <exception cref="InvalidDataException">There is a fault; the message is the first.</exception>
    internal static void Run(VerifySettings settings, ProgramOutput output)
    {
        var result = RunAudit.IsRun(settings.Folder) ? OfRun(settings) : OfCache(settings);
        if (settings.Json)
        {
            output.WriteLine(JsonSerializer.Serialize(result, FileJson.Options));
        }
        else
        {
            Tell(result, settings, output);
        }

        if (!result.Ok)
        {
            var others = result.Faults.Count > 1
                ? string.Create(CultureInfo.InvariantCulture, $" ({result.Faults.Count} faults in all.)")
                : "";
            throw new InvalidDataException(result.Faults[0] + others);
        }
    }

    static VerifyResult OfRun(VerifySettings settings)
    {
        if (settings.Model is not null)
        {
            throw new InvalidDataException($"{settings.Folder} is a run, which is verified by its digests alone; "
                + "--model goes with a reference cache.");
        }

        var audit = RunAudit.Of(settings.Folder, ReferenceCache.DigestOf);
        return new VerifyResult { Folder = settings.Folder, Kind = "run", Faults = audit.Faults, Notes = audit.Notes, Files = audit.Files };
    }

    static VerifyResult OfCache(VerifySettings settings)
    {
        var audit = CacheAudit.Of(settings.Folder);
        // Numbers of damaged parts say nothing of the model.
        var rescored = settings.Model is { } model && audit.Faults.Count == 0
            ? CacheRescoring.Run(settings.Folder, model, settings.Sample, settings.Threads)
            : null;
        return new VerifyResult
        {
            Folder = settings.Folder,
            Kind = "cache",
            Faults = [.. audit.Faults, .. rescored?.Faults ?? []],
            Notes = audit.Notes,
            Files = audit.Shards.Sum(shard => 2 + shard.Parts.Count),
            Shards = audit.Shards.Count,
            Rows = audit.Rows,
            Rescored = rescored,
        };
    }

    static void Tell(VerifyResult result, VerifySettings settings, ProgramOutput output)
    {
        Line($"{result.Kind}: {result.Folder}");
        Line($"digests: {result.Files} files compared");
        if (result.Kind == "cache")
        {
            Line($"rows: {result.Rows}, in {result.Shards} {(result.Shards == 1 ? "shard" : "shards")}, each with its key and its sums");
        }

        if (result.Rescored is { } rescored)
        {
            Line($"scored again with {settings.Model}: {rescored.Pairs} pairs, {rescored.Tokens} tokens");
            var (token, sequence) = (rescored.Token, rescored.Sequence);
            Line($"  farthest token: {token.Distance:g3} nats apart of {token.Tolerance:g3} allowed ({token.Where})");
            Line($"  farthest completion: {sequence.Distance:g3} nats apart of {sequence.Tolerance:g3} allowed ({sequence.Where})");
            Line($"  fixed rows: {rescored.ProbeDistance:g3} nats apart of {LogpTolerance.Token:g3} allowed");
        }
        else if (settings.Model is not null)
        {
            Line($"not scored again, since the cache is not whole");
        }

        foreach (var note in result.Notes)
        {
            Line($"note: {note}");
        }

        foreach (var fault in result.Faults)
        {
            Line($"fault: {fault}");
        }

        if (result.Ok)
        {
            Line($"everything is as it was written");
        }

        void Line(FormattableString text) => output.WriteLine(FormattableString.Invariant(text));
    }
}
