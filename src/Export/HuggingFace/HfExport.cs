using System.Text.Json;
using System.Text.Json.Nodes;
using OrtDpo.Batches;
using OrtDpo.Data.Cache;
using OrtDpo.Export.Cards;
using OrtDpo.Export.Quantized;
using OrtDpo.Export.Verification;
using OrtDpo.Models;
using OrtDpo.Models.Import;
using OrtDpo.Runs;
using OrtDpo.Runtime.Models;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Safetensors;
using OrtDpo.Tokenizers;

namespace OrtDpo.Export.HuggingFace;

/// <summary>
/// Back to Hugging Face: the newest checkpoint of a run as a folder that Transformers loads, an adapter merged into its base, read back
/// and compared before it gets its name.
/// </summary>
public static class HfExport
{
    /// <summary>Exports.</summary>
    /// <param name="runFolder">The run.</param>
    /// <param name="destination">The folder to make; it must not exist.</param>
    /// <param name="threads">Threads of ONNX Runtime.</param>
    /// <param name="dtype">What to store the weights in: F32, F16 or BF16; null: as the run's base was stored.</param>
    /// <param name="checkpoint">Which of the run's checkpoints; null: the newest.</param>
    /// <exception cref="IOException">The destination exists already.</exception>
    /// <exception cref="NotSupportedException">
    /// The policy came as an ONNX model, or the weights were to be quantised.
    /// </exception>
    /// <exception cref="InvalidDataException">
    /// What was read back is not what was to be stored, or a weight is too large for the type; nothing is left behind.
    /// </exception>
    public static HfExportResult Run(
        string runFolder, string destination, int threads, StoredDtype? dtype = null, CheckpointChoice? checkpoint = null) =>
        Run(runFolder, destination, threads, dtype, ShardPlan.LargestShard, checkpoint);

    internal static HfExportResult Run(
        string runFolder, string destination, int threads, StoredDtype? dtype, long largestShard, CheckpointChoice? checkpoint = null)
    {
        if (Path.Exists(destination))
        {
            throw new IOException($"{destination} exists already. Choose a new folder for the export, or remove it.");
        }

        OrtProcess.Start(threads);
        var run = TrainedRun.Open(runFolder, checkpoint);
        var isOfBase = dtype is null or { IsAsHeld: true };
        if (dtype is { Linear: not null } or { IsFast: true })
        {
            throw new NotSupportedException($"`Dtype` is {dtype.Name}: with `Format` hf weights are stored as float32, bfloat16 or "
                + "float16. merge stores nf4, as bitsandbytes saves it (`Quantize`).");
        }

        if (OnnxFile.Find(BaseOf(run)) is { } onnx)
        {
            throw new NotSupportedException($"{onnx} is an ONNX model, which Transformers does not load (`Format` is hf). "
                + "Leave `Format` out.");
        }

        var held = HeldDtype.Of(run);
        var type = isOfBase ? held.Floats : dtype!.Floats!.Value;
        var rows = ComparedRows.Of(run);
        return ModelFolder.IsAdapter(run.Checkpoint)
            ? RunExport.Merged(run.Checkpoint, destination, threads, held.Weights, Made)
            : Made(run.Checkpoint);

        HfExportResult Made(string source) => NewFolder.Make(destination, temporary =>
        {
            var (report, digest, plan) = Write(run, source, temporary, type, rows.Rows, largestShard);
            RunCard.Of(run, CardSubject.HuggingFace(destination, type)).WriteTo(temporary);
            var inputs = RunExport.Digests(run);
            inputs["model_digest"] = digest;
            ExportManifest.Write(temporary, "hf", inputs);
            return new HfExportResult(
                destination, run.Checkpoint, plan.Files.Count, plan.TotalBytes, digest, type.ConfigName(), isOfBase, rows.IsHeldOut,
                report);
        });
    }

    static string BaseOf(TrainedRun run)
    {
        if (!ModelFolder.IsAdapter(run.Checkpoint))
        {
            return run.Checkpoint;
        }

        using var folder = ModelFolder.Open(run.Checkpoint, adapter: null, WeightMapping.ReadOnly, BaseWeights(run));
        return folder.Path;
    }

    static Models.Quantized.BaseWeights BaseWeights(TrainedRun run) => Models.Quantized.BaseWeights.OfRun(run.Config);

    static (ParityReport Report, string Digest, ShardPlan Plan) Write(
        TrainedRun run, string source, string to, WeightType type, IReadOnlyList<Example> rows, long largestShard)
    {
        using var folder = ModelFolder.Open(source);
        folder.FixMaxLength(RunMaxLength.Of(run));
        var trained = Parity.Scores(folder, rows);
        StoredAs.Put(folder, type);
        var plan = ShardPlan.Of(
            [
                .. folder.Parameters.Select(name => folder.Find(name)!)
                    .Select(entry => new TensorSource(entry.Name, type, entry.Shape, folder.Address(entry.Name))),
            ],
            largestShard);
        WriteWeights(plan, to);
        foreach (var file in HostFile.Of(source, ModelTokenizer.Load(source).Files, type))
        {
            file.WriteTo(to);
        }

        // What was rounded in memory; the files were written from it.
        var digest = ReferenceDigest.Compute(folder);
        // In float32 every number is the policy's own.
        var stored = type == WeightType.F32 ? trained : Parity.Scores(folder, rows);
        using var back = ModelFolder.Open(to);
        back.FixMaxLength(RunMaxLength.Of(run));
        if (ReferenceDigest.Compute(back) is var found && found != digest)
        {
            throw new InvalidDataException($"What was read back from the exported files is not what was written: its digest is "
                + $"{found[..12]}… and that of the policy {digest[..12]}…. Nothing was exported. Check the disk.");
        }

        var report = Report(stored, Parity.Scores(back, rows), trained, type);
        FileJson.Write(Path.Combine(to, "parity.json"), report);
        return report.Fault is { } fault
            ? throw new InvalidDataException(
                $"The exported model differs from the policy: {fault}. Nothing was exported.{report.Advice}")
            : (report, digest, plan);
    }

    static ParityReport Report(List<double[]> stored, List<double[]> back, List<double[]> trained, WeightType type)
    {
        var (limits, distance) = (ParityLimits.Of(type), Parity.Distance(stored.Zip(back)));
        var rounding = Parity.Distance(trained.Zip(stored));
        return new ParityReport(
            stored.Count, distance.Tokens, distance.Mean, distance.Max, distance.WorstPair, limits.Mean, limits.Max)
        {
            Rounding = type == WeightType.F32 ? null : new Rounding(type.ConfigName(), rounding.Mean, rounding.Max)
            {
                MeanLimit = limits.PolicyMean, MaxLimit = limits.PolicyMax,
            },
        };
    }

    internal static void WriteWeights(ShardPlan plan, string to)
    {
        foreach (var (name, tensors) in plan.Files)
        {
            AtomicFile.Write(Path.Combine(to, name), file => SafetensorsWriter.Write(file, tensors));
        }

        if (plan.Files.Count == 1)
        {
            return;
        }

        var map = plan.Files.SelectMany(file => file.Tensors.Select(tensor => (tensor.Name, File: file.Name)))
            .OrderBy(entry => entry.Name, StringComparer.Ordinal);
        var index = new JsonObject
        {
            ["metadata"] = new JsonObject { ["total_size"] = plan.TotalBytes },
            ["weight_map"] = new JsonObject(map.Select(entry => KeyValuePair.Create(entry.Name, (JsonNode?)entry.File))),
        };
        AtomicFile.WriteText(
            Path.Combine(to, ShardedWeights.IndexFile),
            index.ToJsonString(new JsonSerializerOptions { WriteIndented = true, NewLine = "\n" }) + "\n");
    }
}
