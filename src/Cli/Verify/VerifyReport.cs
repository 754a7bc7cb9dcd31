using System.Globalization;
using System.Text.Json;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Precompute;
using OrtDpo.Runs;

namespace OrtDpo.Cli.Verify;

/// <summary>What was found, for people and for machines.</summary>
static class VerifyReport
{
    /// <exception cref="InvalidDataException">There is a fault; the message is the first.</exception>
    internal static void Run(VerifyRequest request, bool json, ProgramOutput output)
    {
        var found = Verification.Of(request, place =>
        {
            // An object alone is what machines read.
            if (!json)
            {
                MemoryLines.Tell(place, request.Offload, output);
            }
        });
        // The sentences of the library, and not the names of files and rows.
        var result = found with
        {
            Faults = [.. found.Faults.Select(OptionNames.In)],
            Notes = [.. found.Notes.Select(OptionNames.In)],
        };
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(result, FileJson.Options));
        }
        else
        {
            Tell(result, request, output);
        }

        if (!result.Ok)
        {
            var others = result.Faults.Count > 1
                ? string.Create(CultureInfo.InvariantCulture, $" ({result.Faults.Count} faults in all.)")
                : "";
            throw new InvalidDataException(result.Faults[0] + others);
        }
    }

    static void Tell(VerifyResult result, VerifyRequest request, ProgramOutput output)
    {
        Line($"{result.Kind}: {result.Folder}");
        Line($"digests: {result.Files} files compared");
        if (result.Kind == "cache")
        {
            Line($"rows: {result.Rows}, in {result.Shards} {(result.Shards == 1 ? "shard" : "shards")}, each with its key and its sums");
        }

        if (result.Rescored is { } rescored)
        {
            Line($"scored again with {request.Model}: {rescored.Pairs} pairs, {rescored.Tokens} tokens");
            var (token, sequence) = (rescored.Token, rescored.Sequence);
            Line($"  farthest token: {token.Distance:g3} nats apart of {token.Tolerance:g3} allowed ({token.Where})");
            Line($"  farthest completion: {sequence.Distance:g3} nats apart of {sequence.Tolerance:g3} allowed ({sequence.Where})");
            Line($"  fixed rows: {rescored.ProbeDistance:g3} nats apart of {rescored.Tolerance.Token:g3} allowed");
        }
        else if (request.Model is not null)
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
