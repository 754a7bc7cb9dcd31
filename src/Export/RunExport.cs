using System.Globalization;
using OrtDpo.Batches;
using OrtDpo.Data.Cache;
using OrtDpo.Core.CommandLine;
using OrtDpo.Data;
using OrtDpo.Runs;

namespace OrtDpo.Export;

/// <summary>Exports the newest checkpoint of a run, compared on held-out rows of the run's data.</summary>
public static class RunExport
{
    // Enough tokens for the mean to mean something; exporting must not take longer than an evaluation.
    const int ComparedRows = 64;

    /// <summary>Exports, and returns how far the exported model is from the policy.</summary>
    public static ParityReport Run(string runFolder, string destination, int threads, ProgramOutput output)
    {
        var run = TrainedRun.Open(runFolder);
        var all = Rows(run);
        var heldOut = all.Where(row => row.Split == Split.Eval).ToList();
        var rows = heldOut.Count > 0 ? heldOut : all;
        var report = OnnxExport.Run(run.Checkpoint, destination, [.. rows.Take(ComparedRows).Select(row => row.Tokens)], threads);
        output.WriteLine($"exported: {Path.Combine(destination, "model.onnx")}, from {run.Checkpoint}");
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"parity: mean {report.MeanDifference:0.0e0} and at most {report.MaxDifference:0.0e0} nats per token "
            + $"on {report.Tokens} tokens of {report.Pairs} {(heldOut.Count > 0 ? "held-out" : "training")} rows "
            + $"(limits {report.MeanLimit:0e0} and {report.MaxLimit:0e0})"));
        return report;
    }

    static List<(Split Split, PairTokens Tokens)> Rows(TrainedRun run) => run.ReferenceCache is { } cache
        ? [.. ReferenceCache.Open(cache).Rows.Select(row => (row.Split, row.Tokens))]
        : [.. RunData.Of(run.Folder).Rows.Select(row => (row.Split, row.Tokens))];
}
