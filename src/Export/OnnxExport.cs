using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Lowering;
using OrtDpo.Autodiff.Onnx;
using OrtDpo.Batches;
using OrtDpo.Models.Decoders;
using OrtDpo.Models.Import;
using OrtDpo.Models;
using OrtDpo.Runs;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Generation;
using OrtDpo.Runtime.Memory;
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
    /// <c>parity.json</c>. A model that came as ONNX keeps its graph, with the trained initializers.
    /// </summary>
    /// <param name="model">A Hugging Face folder: a checkpoint.</param>
    /// <param name="output">The folder to make; it must not exist.</param>
    /// <param name="pairs">Held-out pairs to compare on; at least one.</param>
    /// <param name="threads">Threads of ONNX Runtime.</param>
    /// <param name="type">What the weights are stored in: F32, F16 or BF16. The graph computes in float32.</param>
    /// <param name="maxLength">The bound on a sequence, in tokens, that the model was trained with.</param>
    /// <param name="device">
    /// Where the policy is scored that the exported model is compared with, and which runs on the processor as in a host; null: there too.
    /// </param>
    /// <param name="offload">
    /// What of that policy's weights lies in the host's memory, where the device is another; null: what its memory demands.
    /// </param>
    /// <param name="opened">Told of the device, and of what is taken there, before anything is written.</param>
    /// <param name="options">How it is written; null: as is usual.</param>
    /// <exception cref="NotSupportedException">
    /// The device cannot be used or has too little memory, what is to lie in the host's cannot, or the model came as ONNX and its attention
    /// was to be written in some form.
    /// </exception>
    /// <exception cref="IOException">The output folder exists already.</exception>
    /// <exception cref="InvalidDataException">
    /// The exported model differs from the policy, as it is stored, by more than the limits, or a weight is too large for the type;
    /// nothing is left behind.
    /// </exception>
    public static ParityReport Run(
        string model, string output, IReadOnlyList<Example> pairs, int threads, WeightType type, int maxLength,
        DeviceChoice? device = null, OffloadChoice? offload = null, Action<ForwardPlace>? opened = null,
        ExportOptions? options = null)
    {
        options ??= new ExportOptions();
        if (Path.Exists(output))
        {
            throw new IOException($"{output} exists already. Choose a new folder for the export, or remove it.");
        }

        OrtProcess.Start(threads);
        var chosen = (device ?? DeviceChoice.Cpu).Open(threads);
        // As float32, which rounding writes to.
        using var weights = new MemoryPool();
        using var parameters = ModelParameters.Open(model, WeightMapping.CopyOnWrite, weights, maxLength);
        var graph = GraphOf(parameters, options);
        var tokenizer = ModelTokenizer.Load(model);
        using var policy = chosen.Device.IsHost ? null : Shared(parameters, maxLength);
        var place = ForwardPlace.Of(
            chosen, offload ?? new OffloadChoice(), "The policy that is compared with",
            budget => DecoderScorer.Choose(
                policy!, LongestBatches.Of(pairs, batchTokens: 1, policy!.Model.Layout), budget, offload ?? new OffloadChoice(),
                ComputeDtype.Float32, tokenizer.Bytes));
        opened?.Invoke(place);
        return NewFolder.Make(output, temporary =>
        {
            WriteModel(Path.Combine(temporary, OnnxFile.FileName), parameters, graph, type, options);
            if (parameters.Model is not OnnxDecoder)
            {
                File.WriteAllText(Path.Combine(temporary, GenAiConfig.FileName), GenAiConfig.Of(parameters.Model, tokenizer, model));
            }

            foreach (var file in HostFolder.Of(HostFile.Of(model, tokenizer.Files, type), model))
            {
                file.WriteTo(temporary);
            }

            var report = Compare(parameters, policy, place, Path.Combine(temporary, OnnxFile.FileName), pairs) with
            {
                Rounding = type == WeightType.F32 ? null : RoundingOf(model, parameters, pairs, type, maxLength),
            };
            FileJson.Write(Path.Combine(temporary, "parity.json"), report);
            options.Card?.Invoke(temporary, report).WriteTo(temporary);
            if (!report.Holds)
            {
                throw new InvalidDataException(
                    $"The exported model differs from the policy: {report.Fault}. Nothing was exported.");
            }

            return report;
        });
    }

    // Null: the model came as ONNX, and keeps its own.
    static OnnxGraph? GraphOf(ModelParameters parameters, ExportOptions options)
    {
        if (parameters.Model is not OnnxDecoder)
        {
            return InferenceGraph.Of(parameters.Model, options.Attention ?? AttentionForm.Plain).Lower(LoweringKind.Fused);
        }

        return options.Attention is not { } asked ? null : throw new NotSupportedException(
            $"`Attention` is {asked.ToString().ToLowerInvariant()}: {parameters.Path} is an ONNX model, which keeps its graph. "
            + "Leave it out.");
    }

    // Leaves the parameters as they are stored.
    static void WriteModel(string path, ModelParameters parameters, OnnxGraph? graph, WeightType type, ExportOptions options)
    {
        using var stored = new StoredWeights(parameters, type);
        var form = options.Form(parameters.Model.Family, type);
        if (graph is not null)
        {
            OnnxModelWriter.Write(path, graph, stored.Initializers, form);
            return;
        }

        ((OnnxDecoder)parameters.Model).Write(path, stored.Initializers, form);
    }

    static ParityReport Compare(
        ModelParameters parameters, ModelFolder? elsewhere, ForwardPlace place, string exported, IReadOnlyList<Example> pairs)
    {
        using var pool = new MemoryPool();
        using var policy = elsewhere is null
            ? new DecoderScorer(parameters, pool)
            : DecoderScorer.Of(elsewhere, OrtProcess.Threads, place.Device, offload: place.Offload);
        using var logits = new OnnxLogits(exported);
        return Parity.Measure(policy, logits, pairs, parameters.Model.Sizes.MaxPositions);
    }

    // For another device: the parameters as they are in memory, which is not always as their files have them.
    static ModelFolder Shared(ModelParameters parameters, int maxLength)
    {
        var folder = ModelFolder.Open(parameters.Path);
        folder.FixMaxLength(maxLength);
        foreach (var name in parameters.Names)
        {
            var entry = folder.Find(name)!;
            folder.Share(
                name, ((HostTensor)parameters[name]).Pointer,
                entry with { Type = WeightType.F32, ByteCount = entry.Count * sizeof(float) });
        }

        return folder;
    }

    static Rounding RoundingOf(
        string model, ModelParameters rounded, IReadOnlyList<Example> pairs, WeightType type, int maxLength)
    {
        using var pool = new MemoryPool();
        using var parameters = ModelParameters.Open(model, WeightMapping.ReadOnly, pool, maxLength);
        using var policy = new DecoderScorer(parameters, pool);
        using var stored = new DecoderScorer(rounded, pool);
        var distance = Parity.Distance(policy, pairs, pair => Parity.TokenLogps(stored, pair));
        return new Rounding(type.ConfigName(), distance.Mean, distance.Max);
    }
}
