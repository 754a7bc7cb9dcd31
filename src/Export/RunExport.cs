using OrtDpo.Adapters;
using OrtDpo.Data.Cache;
using OrtDpo.Export.Cards;
using OrtDpo.Export.Quantized;
using OrtDpo.Models;
using OrtDpo.Models.Import;
using OrtDpo.Models.Quantized;
using OrtDpo.Runs;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Models;
using OrtDpo.Safetensors;

namespace OrtDpo.Export;

/// <summary>Exports a checkpoint of a run, compared on held-out rows of the run's data.</summary>
public static class RunExport
{
    /// <summary>Exports, and returns how far the exported model is from the policy.</summary>
    /// <param name="runFolder">The run.</param>
    /// <param name="destination">The folder to make.</param>
    /// <param name="threads">Threads of ONNX Runtime.</param>
    /// <param name="dtype">
    /// What to store the weights in; null: what the run's base was held in, or, of what computes in 16 bits, that. Of a base that was held
    /// in 4 bits, what was trained on it comes out with the very bytes, the adapter beside it, where that or its own form is asked for.
    /// Otherwise an adapter is merged into its base, and the sum is stored.
    /// </param>
    /// <param name="device">
    /// Where the policy is scored that the exported model is compared with, and which runs on the processor as in a host; null: there too.
    /// </param>
    /// <param name="offload">
    /// What of that policy's weights lies in the host's memory, where the device is another; null: what its memory demands.
    /// </param>
    /// <param name="opened">Told of the device, and of what is taken there, before anything is written.</param>
    /// <param name="options">How it is written; null: as is usual. Its digests are those of the run.</param>
    /// <param name="checkpoint">Which of the run's checkpoints; null: the newest.</param>
    /// <exception cref="NotSupportedException">
    /// The device cannot be used or has too little memory, what is to lie in the host's cannot, or the model came as ONNX and its attention
    /// was to be written in some form.
    /// </exception>
    public static ExportResult Run(
        string runFolder, string destination, int threads, StoredDtype? dtype = null, DeviceChoice? device = null,
        OffloadChoice? offload = null, Action<ForwardPlace>? opened = null, ExportOptions? options = null,
        CheckpointChoice? checkpoint = null)
    {
        var run = TrainedRun.Open(runFolder, checkpoint);
        var written = (options ?? new ExportOptions()) with { Digests = Digests(run) };
        var held = HeldDtype.Of(run);
        var stored = held.Stored(dtype, written);
        written = written with
        {
            Card = (made, parity) => RunCard.Of(run, CardSubject.Onnx(destination, made, held.NameOf(stored), parity)),
        };
        var compared = ComparedRows.Of(run);
        var report = ModelFolder.IsAdapter(run.Checkpoint) && !stored.IsAsHeld
            ? Merged(run.Checkpoint, destination, threads, held.Weights, merged => Report(merged, weights: null))
            : Report(run.Checkpoint, held.Weights);
        return new ExportResult(
            Path.Combine(destination, OnnxFile.FileName), run.Checkpoint, compared.IsHeldOut, report, held.NameOf(stored),
            IsDtypeOfBase: dtype is null or { IsAsHeld: true } && written.Compute == WeightType.F32)
        {
            HasQuantizedHead = stored.QuantizesHead,
            Notes = [.. HostFolder.Notes(destination)],
            Compute = written.Compute,
        };

        ParityReport Report(string model, BaseWeights? weights) => OnnxExport.Run(
            model, destination, compared, threads, stored, RunMaxLength.Of(run), device, offload, opened, written, weights);
    }

    // Those that the run's manifest has, which a run that goes on has not yet, and the checkpoint's.
    internal static Dictionary<string, string> Digests(TrainedRun run)
    {
        const string Suffix = "_digest";
        var digests = run.Config.Keys.Where(entry => entry.EndsWith(Suffix, StringComparison.Ordinal))
            .ToDictionary(entry => entry, entry => run.Text(entry)!, StringComparer.Ordinal);
        var weights = ModelFolder.IsAdapter(run.Checkpoint) ? AdapterFile.FileName : ShardedWeights.SingleFile;
        digests["checkpoint" + Suffix] = FileDigest.OfFile(Path.Combine(run.Checkpoint, weights));
        var manifest = Path.Combine(run.Folder, RunManifest.FileName);
        if (File.Exists(manifest))
        {
            digests["run_manifest" + Suffix] = FileDigest.OfFile(manifest);
        }

        return digests;
    }

    // The graph that hosts load has the adapter in its weights; they are rounded once, after the sum.
    internal static T Merged<T>(string adapter, string destination, int threads, BaseWeights weights, Func<string, T> export)
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
}
