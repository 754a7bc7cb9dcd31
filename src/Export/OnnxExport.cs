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
    /// <param name="opened">Told of the device before anything is written.</param>
    /// <param name="options">How it is written; null: as is usual.</param>
    /// <exception cref="NotSupportedException">
    /// The device cannot be used, or the model came as ONNX and its attention was to be written in some form.
    /// </exception>
    /// <exception cref="IOException">The output folder exists already.</exception>
    /// <exception cref="InvalidDataException">
    /// The exported model differs from the policy, as it is stored, by more than the limits, or a weight is too large for the type;
    /// nothing is left behind.
    /// </exception>
    public static ParityReport Run(
        string model, string output, IReadOnlyList<Example> pairs, int threads, WeightType type, int maxLength,
        DeviceChoice? device = null, Action<ChosenDevice>? opened = null, ExportOptions? options = null)
    {
        options ??= new ExportOptions();
        if (Path.Exists(output))
        {
            throw new IOException($"{output} exists already. Choose a new folder for the export, or remove it.");
        }

        OrtProcess.Start(threads);
        var chosen = (device ?? DeviceChoice.Cpu).Open(threads);
        opened?.Invoke(chosen);
        var temporary = output.TrimEnd(Path.DirectorySeparatorChar) + AtomicFile.TemporarySuffix;
        if (Directory.Exists(temporary))
        {
            Directory.Delete(temporary, recursive: true);
        }

        Directory.CreateDirectory(temporary);
        try
        {
            // As float32, which rounding writes to.
            using var weights = new MemoryPool();
            using var parameters = ModelParameters.Open(model, WeightMapping.CopyOnWrite, weights, maxLength);
            WriteModel(Path.Combine(temporary, OnnxFile.FileName), parameters, type, options);
            var tokenizer = ModelTokenizer.Load(model);
            if (parameters.Model is not OnnxDecoder)
            {
                File.WriteAllText(Path.Combine(temporary, GenAiConfig.FileName), GenAiConfig.Of(parameters.Model, tokenizer, model));
            }

            foreach (var file in HostFile.Of(model, tokenizer.Files, type))
            {
                var path = Path.Combine(temporary, file.Name);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.WriteAllBytes(path, file.Read());
            }

            var report = Compare(parameters, Path.Combine(temporary, OnnxFile.FileName), pairs, chosen.Device, maxLength) with
            {
                Rounding = type == WeightType.F32 ? null : RoundingOf(model, parameters, pairs, type, maxLength),
            };
            FileJson.Write(Path.Combine(temporary, "parity.json"), report);
            if (!report.Holds)
            {
                throw new InvalidDataException(
                    $"The exported model differs from the policy: {report.Fault}. Nothing was exported.");
            }

            Directory.Move(temporary, output);
            return report;
        }
        finally
        {
            if (Directory.Exists(temporary))
            {
                Directory.Delete(temporary, recursive: true);
            }
        }
    }

    // Leaves the parameters as they are stored.
    static void WriteModel(string path, ModelParameters parameters, WeightType type, ExportOptions options)
    {
        using var stored = new StoredWeights(parameters, type);
        var form = options.Form(parameters.Model.Family, type);
        if (parameters.Model is OnnxDecoder foreign)
        {
            if (options.Attention is { } asked)
            {
                throw new NotSupportedException(
                    $"`Attention` is {asked.ToString().ToLowerInvariant()}: {parameters.Path} is an ONNX model, which keeps its graph. "
                    + "Leave it out.");
            }

            foreign.Write(path, stored.Initializers, form);
            return;
        }

        var graph = InferenceGraph.Of(parameters.Model, options.Attention ?? AttentionForm.Plain).Lower(LoweringKind.Fused);
        OnnxModelWriter.Write(path, graph, stored.Initializers, form);
    }

    static ParityReport Compare(
        ModelParameters parameters, string exported, IReadOnlyList<Example> pairs, Device device, int maxLength)
    {
        using var pool = new MemoryPool(device);
        using var copy = device.IsHost ? null : CopyOf(parameters, pool, maxLength);
        using var policy = new DecoderScorer(copy ?? parameters, pool);
        using var logits = new OnnxLogits(exported);
        return Parity.Measure(policy, logits, pairs, parameters.Model.Sizes.MaxPositions);
    }

    // As they are now, which is not always as their files have them.
    static ModelParameters CopyOf(ModelParameters parameters, MemoryPool pool, int maxLength)
    {
        var copy = ModelParameters.Open(parameters.Path, WeightMapping.CopyOnWrite, pool, maxLength);
        foreach (var name in parameters.Names)
        {
            copy[name].Write(((HostTensor)parameters[name]).Pointer);
        }

        return copy;
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
