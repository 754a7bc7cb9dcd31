using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Onnx;
using OrtDpo.Batches;
using OrtDpo.Data;
using OrtDpo.Models.Decoders;
using OrtDpo.Export.Precision;
using OrtDpo.Export.Verification;
using OrtDpo.Models.Import;
using OrtDpo.Models;
using OrtDpo.Models.Adapters;
using OrtDpo.Models.Quantized;
using OrtDpo.Runs;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Models;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Safetensors;
using OrtDpo.Tokenizers;

namespace OrtDpo.Export;

/// <summary>
/// Stage 3: from a trained model folder to a folder that ONNX Runtime's hosts load, checked against the policy before it gets its name.
/// </summary>
public static class OnnxExport
{
    /// <summary>
    /// Writes <c>model.onnx</c> (weights inside; above 2 GB in <c>model.onnx.data</c>), what a host reads beside it and
    /// <c>parity.json</c>. A model that came as ONNX keeps its graph, with the trained initializers. An adapter that is not merged stays
    /// beside its base, as constants of the graph.
    /// </summary>
    /// <param name="model">A Hugging Face folder, such as a checkpoint; or an adapter's, which stands for its base with it.</param>
    /// <param name="output">The folder to make; it must not exist.</param>
    /// <param name="pairs">Held-out pairs to compare on; at least one.</param>
    /// <param name="threads">Threads of ONNX Runtime.</param>
    /// <param name="dtype">What the weights are stored in. The graph computes in float32.</param>
    /// <param name="maxLength">The bound on a sequence, in tokens, that the model was trained with.</param>
    /// <param name="device">
    /// Where the policy is scored that the exported model is compared with, and which runs on the processor as in a host; null: there too.
    /// </param>
    /// <param name="offload">
    /// What of that policy's weights lies in the host's memory, where the device is another; null: what its memory demands.
    /// </param>
    /// <param name="opened">Told of the device, and of what is taken there, before anything is written.</param>
    /// <param name="options">How it is written; null: as is usual.</param>
    /// <param name="weights">How the linear weights of the model's layers are held; null: as its files have them.</param>
    /// <exception cref="NotSupportedException">
    /// The device cannot be used or has too little memory, what is to lie in the host's cannot, or the model came as ONNX and its attention
    /// was to be written in some form, or its weights quantised.
    /// </exception>
    /// <exception cref="IOException">The output folder exists already.</exception>
    /// <exception cref="InvalidDataException">
    /// The exported model differs from the policy, or from what is stored of it, by more than the limits, or a weight is too large for the
    /// type; nothing is left behind.
    /// </exception>
    public static ParityReport Run(
        string model, string output, IReadOnlyList<Example> pairs, int threads, StoredDtype dtype, int maxLength,
        DeviceChoice? device = null, OffloadChoice? offload = null, Action<ForwardPlace>? opened = null,
        ExportOptions? options = null, BaseWeights? weights = null) =>
        Run(
            model, output, new ComparedRows(pairs, IsHeldOut: true, Reference: null), threads, dtype, maxLength, device, offload, opened,
            options, weights);

    /// <summary>The same, for rows of which more is known.</summary>
    internal static ParityReport Run(
        string model, string output, ComparedRows rows, int threads, StoredDtype dtype, int maxLength, DeviceChoice? device,
        OffloadChoice? offload, Action<ForwardPlace>? opened, ExportOptions? options, BaseWeights? weights)
    {
        options ??= new ExportOptions();
        if (Path.Exists(output))
        {
            throw new IOException($"{output} exists already. Choose a new folder for the export, or remove it.");
        }

        OrtProcess.Start(threads);
        var chosen = (device ?? DeviceChoice.Cpu).Open(threads);
        using var folder = ModelFolder.Open(model, adapter: null, WeightMapping.ReadOnly, weights);
        folder.FixMaxLength(maxLength);
        RequireStorable(folder, dtype, options);
        dtype = options.Compute != WeightType.F32 && dtype.IsAsHeld ? options.Compute : dtype;
        var graph = GraphOf(folder, options);
        var tokenizer = ModelTokenizer.Load(folder.Path);
        var place = ForwardPlace.Of(
            chosen, offload ?? new OffloadChoice(), "The policy that is compared with",
            budget => DecoderScorer.Choose(
                folder, LongestBatches.Of(rows.Rows, batchTokens: 1, folder.Model.Layout), budget, offload ?? new OffloadChoice(),
                ComputeDtype.Float32, tokenizer.Bytes));
        opened?.Invoke(place);
        var trained = dtype.Rounds ? Parity.Scores(folder, place, rows.Rows) : null;
        var isDequantised = folder.Quantized is { Form: null };
        using var stored = StoredWeights.Of(folder, dtype, OrtProcess.Threads);
        return NewFolder.Make(output, temporary =>
        {
            var file = Path.Combine(temporary, OnnxFile.FileName);
            Write(file, folder, graph, stored, dtype, options);
            if (folder.Model is not OnnxDecoder)
            {
                File.WriteAllText(
                    Path.Combine(temporary, GenAiConfig.FileName),
                    GenAiConfig.Of(BaseOf(folder), tokenizer, folder.Path, options.Compute));
            }

            var files = HostFile.Of(folder.Path, tokenizer.Files, dtype.Floats ?? folder.StoredType);
            foreach (var beside in HostFolder.Of(files, ChatTemplateFolder.Source(model) is null ? folder.Path : model))
            {
                (beside with { IsDequantised = isDequantised }).WriteTo(temporary);
            }

            ParityReport report;
            // What it writes to be run is gone before the manifest names the files.
            using (var hosted = ExportedLogits.Open(file, options.Compute))
            {
                report = Parity.Report(
                    folder, hosted.Logits, rows, place, options.Limits ?? ParityLimits.Of(dtype, options.Compute),
                    trained is null ? null : (trained, stored.Name)) with
                {
                    Compute = hosted.Run,
                };
            }

            if (report.Fault is { } fault)
            {
                throw new InvalidDataException($"The exported model differs from the policy: {fault}. Nothing was exported."
                    + report.Advice);
            }

            FileJson.Write(Path.Combine(temporary, "parity.json"), report);
            options.Card?.Invoke(temporary, report).WriteTo(temporary);
            ExportManifest.Write(temporary, "onnx", options.Digests);
            return report;
        });
    }

    /// <summary>A folder's model without an adapter.</summary>
    internal static DecoderModel BaseOf(ModelFolder folder) => folder.Model is AdaptedModel adapted ? adapted.Base : folder.Model;

    static void RequireStorable(ModelFolder folder, StoredDtype dtype, ExportOptions options)
    {
        if (BaseOf(folder) is OnnxDecoder && (dtype.Linear is not null || folder.Quantized is not null || folder.Adapter is not null))
        {
            throw new NotSupportedException($"{folder.Path} is an ONNX model, which keeps its graph: its weights are stored as float32, "
                + $"bfloat16 or float16 (`Dtype`), and not as {dtype.Name ?? StoredWeights.NameOf(folder)}.");
        }

        options.RequireComputable(dtype.IsAsHeld ? StoredWeights.FormOf(folder) : dtype.Linear);
    }

    // Null: the model came as ONNX, and keeps its own.
    static OnnxGraph? GraphOf(ModelFolder folder, ExportOptions options)
    {
        if (folder.Model is not OnnxDecoder)
        {
            return HostGraph.Of(folder.Model, options);
        }

        var asked = options.Attention is { } form ? $"`Attention` is {form.ToString().ToLowerInvariant()}"
            : options.Compute != WeightType.F32 ? $"`Compute` is {options.Compute.ConfigName()}"
            : null;
        return asked is null ? null : throw new NotSupportedException(
            $"{asked}: {folder.Path} is an ONNX model, which keeps its graph. Leave it out.");
    }

    static void Write(
        string path, ModelFolder folder, OnnxGraph? graph, StoredWeights stored, StoredDtype dtype, ExportOptions options)
    {
        var form = options.Form(folder.Model.Family, stored.Name);
        if (graph is not null)
        {
            var lowered = HostGraph.Lowered(stored.Put(graph), options, dtype.Floats ?? folder.StoredType);
            OnnxModelWriter.Write(path, lowered, stored.Initializers, form);
            return;
        }

        ((OnnxDecoder)folder.Model).Write(path, stored.Initializers, form);
    }
}
