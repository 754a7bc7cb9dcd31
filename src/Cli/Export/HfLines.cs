using System.Globalization;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Export.HuggingFace;

namespace OrtDpo.Cli.Export;

/// <summary>An export for Hugging Face's hosts, for people.</summary>
static class HfLines
{
    public static void Tell(HfExportResult result, ProgramOutput output)
    {
        output.WriteLine($"exported: {result.Folder}, from {result.Checkpoint}");
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"weights: {result.Dtype} ({(result.IsDtypeOfBase ? "as the run's base was stored" : "--dtype")}), {result.Bytes:N0} bytes in "
            + $"{result.Files} {(result.Files == 1 ? "file" : "files")}"));
        output.WriteLine($"digest: {result.Digest}, which was read back");
        ParityLines.Tell(result.Parity, result.IsHeldOut, "the float32 checkpoint", output);
        output.WriteLine($"next: ortdpo generate --model {result.Folder} --prompt TEXT");
    }
}
