using System.Globalization;
using System.Text.Json;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Export.Verification;
using OrtDpo.Precompute;
using OrtDpo.Runs;

namespace OrtDpo.Cli.Verify;

/// <summary>What was found of an export, for people and for machines.</summary>
static class ExportReport
{
    /// <exception cref="InvalidDataException">There is a fault; the message is the first.</exception>
    /// <exception cref="NotSupportedException">Scoring was asked for.</exception>
    internal static void Run(VerifyRequest request, bool json, ProgramOutput output)
    {
        if (request.Model is not null)
        {
            throw new NotSupportedException($"{request.Folder} is an export, which was compared with its policy when it was written "
                + "(`Model` is for a cache). Leave `Model` out.");
        }

        var found = ExportVerification.Of(request.Folder);
        var result = found with { Faults = [.. found.Faults.Select(OptionNames.In)] };
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(result, FileJson.Options));
        }
        else
        {
            Tell(result, output);
        }

        if (!result.Ok)
        {
            var others = result.Faults.Count > 1
                ? string.Create(CultureInfo.InvariantCulture, $" ({result.Faults.Count} faults in all.)")
                : "";
            throw new InvalidDataException(result.Faults[0] + others);
        }
    }

    static void Tell(ExportVerification result, ProgramOutput output)
    {
        output.WriteLine($"export ({result.Kind}): {result.Folder}");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"digests: {result.Files} files compared"));
        foreach (var note in result.Notes)
        {
            output.WriteLine($"note: {note}");
        }

        foreach (var fault in result.Faults)
        {
            output.WriteLine($"fault: {fault}");
        }

        if (result.Ok)
        {
            if (result.Adapters > 0)
            {
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"adapters: {result.Adapters} of this base, by digest, names, types and sizes"));
            }

            output.WriteLine("everything is as it was exported");
        }
    }
}
