using System.Globalization;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Export.Adapters;

namespace OrtDpo.Cli.Export;

/// <summary>An export with adapters, for people.</summary>
static class AdapterLines
{
    public static void Tell(AdapterExportResult result, ProgramOutput output)
    {
        output.WriteLine($"exported: {result.Model}, the base {result.Base} with places for adapters");
        var reason = result.IsDtypeOfBase ? "as the base was stored"
            : result.Parity.Compute?.Dtype == result.Dtype ? "as it computes"
            : "--dtype";
        output.WriteLine(result.Dtype == result.Terms
            ? $"weights and adapters: {result.Dtype} ({reason})"
            : $"weights: {result.Dtype} ({reason}) {WeightLine.Quantised(result.HasQuantizedHead)}; adapters: {result.Terms}");
        ParityLines.Tell(result.Parity, result.Adapters[0].IsHeldOut, "the base", output);
        foreach (var adapter in result.Adapters)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"adapter: {adapter.File}, {adapter.Bytes:N0} bytes, from {adapter.Checkpoint}"));
            ParityLines.Tell(adapter.Parity, adapter.IsHeldOut, "the adapter as it was trained", output);
        }

        NoteLines.Tell(result.Notes, output);
    }
}
