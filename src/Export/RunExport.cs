using OrtDpo.Adapters;
using OrtDpo.Batches;
using OrtDpo.Data;
using OrtDpo.Data.Cache;
using OrtDpo.Export.Cards;
using OrtDpo.Models;
using OrtDpo.Models.Import;
using OrtDpo.Models.Quantized;
using OrtDpo.Runs;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Models;
using OrtDpo.Safetensors;

namespace OrtDpo.Export;

/// <summary>Exports the newest checkpoint of a run, compared on held-out rows of the run's data.</summary>
public static class RunExport
{
    // Enough tokens for the mean to mean something; exporting must not take longer than an evaluation.
    const int ComparedRows = 64;

    /// <summary>Exports, and returns how far the exported model is from the policy.</summary>
    /// <param name="runFolder">The run.</param>
    /// <param name="destination">The folder to make.</param>
    /// <param name="threads">Threads of ONNX Runtime.</param>
    /// <param name="dtype">What to store the weights in: F32, F16 or BF16; null: as the run's base was stored.</param>
    /// <param name="device">
    /// Where the policy is scored that the exported model is compared with, and which runs on the processor as in a host; null: there too.
    /// </param>
    /// <param name="offload">
    /// What of that policy's weights lies in the host's memory, where the device is another; null: what its memory demands.
    /// </param>
    /// <param name="opened">Told of the device, and of what is taken there, before anything is written.</param>
    /// <param name="options">How it is written; null: as is usual. Its digests are those of the run.</param>
    /// <exception cref="NotSupportedException">
    /// The device cannot be used or has too little memory, what is to lie in the host's cannot, or the model came as ONNX and its attention
    /// was to be written in some form.
    /// </exception>
    public static ExportResult Run(
        string runFolder, string destination, int threads, WeightType? dtype = null, DeviceChoice? device = null,
        OffloadChoice? offload = null, Action<ForwardPlace>? opened = null, ExportOptions? options = null)
    {
        var run = TrainedRun.Open(runFolder);
        var type = dtype ?? DtypeOfBase(run);
        var written = (options ?? new ExportOptions()) with
        {
            Digests = Digests(run),
            Card = (made, parity) => RunCard.Of(run, CardSubject.Onnx(destination, made, type, parity)),
        };
        var (compared, isHeldOut) = Compared(run);
        var report = ModelFolder.IsAdapter(run.Checkpoint)
            ? Merged(run.Checkpoint, destination, threads, BaseWeights.OfRun(run.Config), merged => Report(merged))
            : Report(run.Checkpoint);
        return new ExportResult(
            Path.Combine(destination, OnnxFile.FileName), run.Checkpoint, isHeldOut, report, type, IsDtypeOfBase: dtype is null)
        {
            Notes = [.. HostFolder.Notes(destination)],
        };

        ParityReport Report(string model) =>
            OnnxExport.Run(model, destination, compared, threads, type, RunMaxLength.Of(run), device, offload, opened, written);
    }

    /// <summary>
    /// The rows that an export of a run is compared on, and whether they are held out, and not, for want of them, trained on.
    /// </summary>
    internal static (List<Example> Rows, bool IsHeldOut) Compared(TrainedRun run)
    {
        var all = Rows(run);
        var heldOut = all.Where(row => row.Split == Split.Eval).ToList();
        var rows = heldOut.Count > 0 ? heldOut : all;
        return ([.. rows.Take(ComparedRows).Select(row => row.Tokens)], heldOut.Count > 0);
    }

    // Those that the run's manifest has, which a run that goes on has not yet, and the checkpoint's.
    internal static Dictionary<string, string> Digests(TrainedRun run)
    {
        const string Suffix = "_digest";
        var digests = run.Config.Keys.Where(entry => entry.EndsWith(Suffix, StringComparison.Ordinal))
            .ToDictionary(entry => entry, entry => run.Text(entry)!, StringComparer.Ordinal);
        var weights = ModelFolder.IsAdapter(run.Checkpoint) ? AdapterFile.FileName : ShardedWeights.SingleFile;
        digests["checkpoint" + Suffix] = FileDigest.OfFile(Path.Combine(run.Checkpoint, weights));
        return digests;
    }

    // The graph that hosts load has the adapter in its weights; they are rounded once, after the sum.
    static ParityReport Merged(string adapter, string destination, int threads, BaseWeights weights, Func<string, ParityReport> export)
    {
        if (Path.Exists(destination))
        {
            throw new IOException($"{destination} exists already. Choose a new folder for the export, or remove it.");
        }

        var merged = destination.TrimEnd(Path.DirectorySeparatorChar) + ".merged" + AtomicFile.TemporarySuffix;
        try
        {
            if (Directory.Exists(merged))
            {
                Directory.Delete(merged, recursive: true);
            }

            AdapterMerge.Run(adapter, adapter: null, merged, WeightType.F32, threads, weights);
            return export(merged);
        }
        finally
        {
            if (Directory.Exists(merged))
            {
                Directory.Delete(merged, recursive: true);
            }
        }
    }

    internal static WeightType DtypeOfBase(TrainedRun run) =>
        run.Text(TrainedRun.BaseDtype) is { } name ? WeightTypes.Saved[name] : WeightType.F32;

    static List<(Split Split, Example Tokens)> Rows(TrainedRun run) => run.ReferenceCache is { } cache
        ? [.. ReferenceCache.Open(cache).Rows.Select(row => (row.Split, row.Tokens))]
        : [.. RunData.Of(run.Folder).Rows.Select(row => (row.Split, row.Tokens))];
}
