using System.Text.Json.Nodes;
using OrtDpo.Adapters.Onnx;
using OrtDpo.Batches;
using OrtDpo.Data;
using OrtDpo.Export.Cards;
using OrtDpo.Export.Precision;
using OrtDpo.Export.Quantized;
using OrtDpo.Export.Verification;
using OrtDpo.Models;
using OrtDpo.Models.Adapters;
using OrtDpo.Models.Import;
using OrtDpo.Models.Quantized;
using OrtDpo.Runs;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Models;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Safetensors;
using OrtDpo.Tokenizers;

namespace OrtDpo.Export.Adapters;

/// <summary>
/// Stage 3 of adapters that share a base: the base once, with places for adapters, and for each run an <c>.onnx_adapter</c> file that hosts
/// load beside it. Each is compared with its policy before the folder gets its name.
/// </summary>
public static class AdapterExport
{
    /// <summary>The folder of the adapters within the export.</summary>
    public const string FolderName = OnnxAdapter.FolderName;

    /// <summary>The name of the model's metadata that tells what base it is.</summary>
    public const string BaseDigest = OnnxAdapter.BaseDigest;

    /// <summary>Exports the newest checkpoint of each run.</summary>
    /// <param name="runFolders">The runs; an adapter is called as its run's folder.</param>
    /// <param name="destination">The folder to make.</param>
    /// <param name="threads">Threads of ONNX Runtime.</param>
    /// <param name="dtype">
    /// What to store weights and adapters in; null: what the base was held in. A base in 4 bits comes out with the very bytes where that or
    /// its own form is asked for. Beside a quantised base adapters are float32.
    /// </param>
    /// <param name="device">
    /// Where the policies are scored that the exported model is compared with, and which runs on the processor as in a host; null: there
    /// too.
    /// </param>
    /// <param name="offload">
    /// What of those policies' weights lies in the host's memory, where the device is another; null: what its memory demands.
    /// </param>
    /// <param name="opened">Told of the device, and of what is taken there, before anything is written.</param>
    /// <param name="options">Where weights lie.</param>
    /// <param name="checkpoint">Which checkpoint of each run; null: the newest.</param>
    /// <exception cref="IOException">The destination exists already.</exception>
    /// <exception cref="InvalidDataException">
    /// A run is no adapter's, two have the same name or another base, or a model differs from its policy by more than the limits; nothing
    /// is left behind.
    /// </exception>
    /// <exception cref="NotSupportedException">
    /// An adapter saves modules whole, the base came as an ONNX model, the device cannot be used or has too little memory, or what is to
    /// lie in the host's cannot.
    /// </exception>
    public static AdapterExportResult Run(
        IReadOnlyList<string> runFolders, string destination, int threads, StoredDtype? dtype = null, DeviceChoice? device = null,
        OffloadChoice? offload = null, Action<ForwardPlace>? opened = null, ExportOptions? options = null,
        CheckpointChoice? checkpoint = null)
    {
        if (Path.Exists(destination))
        {
            throw new IOException($"{destination} exists already. Choose a new folder for the export, or remove it.");
        }

        options ??= new ExportOptions();
        if (options.Compute == WeightType.BF16)
        {
            throw new NotSupportedException("`Compute` is bfloat16, in which no processor runs a model, and adapters (`Adapters`) are "
                + "compared with their policies by running them. Compute in float16, or export each run merged into its base.");
        }

        OrtProcess.Start(threads);
        var chosen = (device ?? DeviceChoice.Cpu).Open(threads);
        var runs = AdapterRun.All(runFolders, checkpoint);
        using var model = runs[0].Open();
        var held = HeldDtype.Of(model, runs[0].Run);
        var stored = held.Stored(dtype, options);
        var digest = CheckBase(runs, model);
        // Adapters over one base differ by megabytes.
        var place = ForwardPlace.Of(
            chosen, offload ?? new OffloadChoice(), "A policy that is compared with",
            budget => DecoderScorer.Choose(
                model, LongestBatches.Of([.. runs.SelectMany(run => run.Rows.Rows)], batchTokens: 1, model.Model.Layout), budget,
                offload ?? new OffloadChoice(), ComputeDtype.Float32, ModelTokenizer.Load(model.Path).Bytes));
        opened?.Invoke(place);
        var (parity, adapters) = NewFolder.Make(destination, temporary =>
        {
            WriteBase(temporary, model, runs[0].Run.Checkpoint, stored, options with
            {
                Digests = new Dictionary<string, string>(StringComparer.Ordinal) { [BaseDigest] = digest },
            });
            var made = Adapters(temporary, destination, runs, model, stored, options.Compute, digest, place);
            var first = Path.GetRelativePath(destination, made.Adapters[0].File);
            RunCard.Of([.. runs.Select(run => run.Run)], CardSubject.Adapters(destination, held.NameOf(stored), first))
                .WriteTo(temporary);
            ExportManifest.Write(
                temporary, "adapters",
                [
                    KeyValuePair.Create(BaseDigest, digest),
                    .. runs.SelectMany(run => RunExport.Digests(run.Run).Select(d => KeyValuePair.Create($"{run.Name}.{d.Key}", d.Value))),
                ]);
            return made;
        });
        return new AdapterExportResult(
            Path.Combine(destination, OnnxFile.FileName), model.Path, held.NameOf(stored), stored.Terms.ConfigName(),
            IsDtypeOfBase: dtype is null or { IsAsHeld: true } && options.Compute == WeightType.F32, parity, adapters)
        {
            HasQuantizedHead = stored.QuantizesHead,
            Notes = [.. HostFolder.Notes(destination)],
        };
    }

    // Reading each base for its digest is what makes foreign ones impossible: hosts see names and sizes only.
    static string CheckBase(IReadOnlyList<AdapterRun> runs, ModelFolder first)
    {
        var (digest, form, reads) = (ReferenceDigest.Both(first).Base, first.Quantized?.Form, Reads(runs[0]));
        foreach (var run in runs.Skip(1))
        {
            using var other = run.Open();
            var (found, held) = (ReferenceDigest.Both(other).Base, other.Quantized?.Form);
            if (found != digest || held != form)
            {
                throw new InvalidDataException($"{run.Run.Folder} was trained on another base than {runs[0].Run.Folder}: the digests are "
                    + $"{found[..12]}… and {digest[..12]}…, held {BaseWeights.Describe(held)} and {BaseWeights.Describe(form)}. "
                    + "Export them apart.");
            }

            if (Reads(run) != reads)
            {
                throw new InvalidDataException($"{run.Run.Folder} was trained with another tokenizer or chat template than "
                    + $"{runs[0].Run.Folder}, and an export has one. Export them apart.");
            }
        }

        return digest;

        // A template is named where it was given in place of the model's.
        static (string?, string?) Reads(AdapterRun run) => (run.Run.Text("tokenizer_digest"), run.Run.Text("chat_template_digest"));
    }

    static void WriteBase(string folder, ModelFolder model, string templates, StoredDtype dtype, ExportOptions options)
    {
        var isDequantised = model.Quantized is { Form: null };
        SlottedModel.Write(Path.Combine(folder, OnnxFile.FileName), model, dtype, options);
        var tokenizer = ModelTokenizer.Load(model.Path);
        File.WriteAllText(
            Path.Combine(folder, GenAiConfig.FileName),
            GenAiConfig.Of(OnnxExport.BaseOf(model), tokenizer, model.Path, options.Compute));
        var files = HostFile.Of(model.Path, tokenizer.Files, dtype.Floats ?? model.StoredType);
        foreach (var file in HostFolder.Of(files, ChatTemplateFolder.Source(templates) is null ? model.Path : templates))
        {
            (file with { IsDequantised = isDequantised }).WriteTo(folder);
        }
    }

    static (ParityReport Parity, List<ExportedAdapter> Adapters) Adapters(
        string folder, string destination, IReadOnlyList<AdapterRun> runs, ModelFolder stored, StoredDtype dtype, WeightType compute,
        string digest, ForwardPlace place)
    {
        using var hosted = ExportedLogits.Open(Path.Combine(folder, OnnxFile.FileName), compute);
        var exported = hosted.Logits;
        HostedTerms.Put(stored, adapter: null);
        // Without an adapter there is no policy of a run to compare with, and nobody's preferences: what is stored is the base.
        var limits = ParityLimits.Of(dtype, compute);
        var whole = Parity.Report(stored, exported, runs[0].Rows with { Reference = null }, place, limits, trained: null) with
        {
            Compute = hosted.Run,
        };
        Require(whole, "The exported model without an adapter differs from the base");
        FileJson.Write(Path.Combine(folder, "parity.json"), whole);
        Directory.CreateDirectory(Path.Combine(folder, FolderName));
        var adapters = new List<ExportedAdapter>();
        foreach (var run in runs)
        {
            using var policy = run.Open();
            var name = Path.Combine(FolderName, run.Name + OnnxAdapter.Extension);
            var path = Path.Combine(folder, name);
            var adapter = HostedTerms.Of(policy, dtype.Terms);
            AtomicFile.Write(path, file => OnnxAdapterWriter.Write(file, adapter), written => OnnxAdapterReader.Read(written));
            HostedTerms.Put(stored, OnnxAdapterReader.Read(path));
            exported.Use(path);
            // Where nothing but the scale in B was rounded, the run's own layers are what a host should compute.
            var report = Parity.Report(
                dtype.Rounds ? stored : policy, exported, run.Rows, place, limits,
                dtype.Rounds
                    ? (Parity.Scores(policy, place, run.Rows.Rows), dtype.Name ?? StoredWeights.NameOf(stored, dtype.IsFast))
                    : null) with
            {
                Compute = hosted.Run,
            };
            Require(report, $"The exported model with the adapter of {run.Run.Folder} differs from the policy");
            FileJson.Write(path + AdapterOrigin.Suffix, new AdapterOrigin
            {
                FileDigest = FileDigest.OfFile(path),
                BaseDigest = digest,
                Dtype = dtype.Terms.ConfigName(),
                Lora = JsonNode.Parse(policy.Adapter!.Text)!.AsObject(),
                Digests = RunExport.Digests(run.Run),
                Parity = report,
            });
            adapters.Add(new ExportedAdapter(
                Path.Combine(destination, name), run.Run.Checkpoint, new FileInfo(path).Length, run.Rows.IsHeldOut, report));
        }

        return (whole, adapters);
    }

    static void Require(ParityReport report, string what)
    {
        if (report.Fault is { } fault)
        {
            throw new InvalidDataException($"{what}: {fault}. Nothing was exported.{report.Advice}");
        }
    }
}
