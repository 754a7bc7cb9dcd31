using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using OrtDpo.Adapters.Onnx;
using OrtDpo.Linked;
using OrtDpo.Models;
using OrtDpo.Models.Decoders;
using OrtDpo.Models.Families;
using OrtDpo.Models.Import;
using OrtDpo.Models.Quantized;
using OrtDpo.Runs;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Generation;
using OrtDpo.Runtime.Models;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Safetensors;
using OrtDpo.Tokenizers;

namespace OrtDpo.Generate;

public sealed partial class TextModel
{
    // What an export's metadata says of the tokenizer.
    const string TokenizerEntry = "ortdpo.tokenizer_digest";

    // Digits of a digest that people are shown.
    const int Shown = 12;

    /// <summary>Opens a model with its tokenizer; it lies in memory until it is disposed.</summary>
    /// <param name="folder">The folder of model and tokenizer.</param>
    /// <param name="threads">Threads of ONNX Runtime; the first model of the process decides.</param>
    /// <param name="adapter">
    /// What to put on it: the folder of an adapter; of an ONNX model the path of an <c>.onnx_adapter</c> file, or the name of one among the
    /// adapters of the export. Null: none, but what the folder is.
    /// </param>
    /// <param name="weights">How the weights of its layers are held; null: as its files have them.</param>
    /// <param name="device">Where layers that train run; null: the processor.</param>
    /// <param name="offload">
    /// What of the weights lies in the host's memory, where the device is another; null: what its memory demands for a text.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">There is not even one thread.</exception>
    /// <exception cref="InvalidOperationException">ONNX Runtime runs with another number of threads in this process.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">The folder lacks a file, or there is no such adapter.</exception>
    /// <exception cref="InvalidDataException">
    /// A file is damaged or belongs to another model, the model takes what nothing feeds, or the folder is a run.
    /// </exception>
    /// <exception cref="NotSupportedException">
    /// The model's family, a weight's type or the tokenizer is of a kind that is not read, or the device cannot be used, or something is to
    /// lie in the host's memory where the device is the host.
    /// </exception>
    public static TextModel Load(
        string folder, int threads, string? adapter = null, BaseWeights? weights = null, DeviceChoice? device = null,
        OffloadChoice? offload = null)
    {
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"The model folder {folder} does not exist. "
                + $"Give a folder that export wrote, or a Hugging Face folder.{HubName.Advice(folder, "model")}");
        }

        if (File.Exists(Path.Combine(folder, RunConfig.FileName)) && !File.Exists(Path.Combine(folder, ModelFolder.ConfigName)))
        {
            throw new InvalidDataException($"{folder} is a run, and no model folder. Give it as `Run`, or one of its checkpoints.");
        }

        OrtProcess.Start(threads);
        var tokenizer = ModelTokenizer.Load(folder);
        var onnx = weights is not { IsAsStored: false } ? OnnxFile.Find(folder) : null;
        if (OnnxAdapter.Find(folder, adapter) is { } hosted)
        {
            return onnx is not null
                ? LoadOnnx(folder, onnx, hosted, tokenizer, Host(onnx, threads, device), offload)
                : throw new InvalidDataException($"{hosted} is an adapter for hosts of an ONNX model, and {folder} runs as none. Give the "
                    + "export that it lies in (`Model`), or the checkpoint that it was made of (`Adapter`).");
        }

        return adapter is null && onnx is not null
            ? LoadOnnx(folder, onnx, adapter: null, tokenizer, Host(onnx, threads, device), offload)
            : LoadLayers(folder, adapter, weights, tokenizer, threads, device ?? DeviceChoice.Cpu, offload);
    }

    /// <summary>Opens a checkpoint of a run, its base held as in the run.</summary>
    /// <param name="run">The folder of <c>train</c> or <c>sft</c>.</param>
    /// <param name="threads">Threads of ONNX Runtime; the first model of the process decides.</param>
    /// <param name="device">Where it runs; null: the processor.</param>
    /// <param name="offload">
    /// What of the weights lies in the host's memory, where the device is another; null: what its memory demands for a text.
    /// </param>
    /// <param name="checkpoint">Which of its checkpoints; null: the newest.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidDataException">The folder holds no run, or no such checkpoint; or a file is damaged.</exception>
    /// <exception cref="NotSupportedException">
    /// The device cannot be used, or something is to lie in the host's memory where the device is the host.
    /// </exception>
    public static TextModel LoadRun(
        string run, int threads, DeviceChoice? device = null, OffloadChoice? offload = null, CheckpointChoice? checkpoint = null)
    {
        var trained = TrainedRun.Open(run, checkpoint);
        return Load(
            trained.Checkpoint, threads, adapter: null,
            ModelFolder.IsAdapter(trained.Checkpoint) ? BaseWeights.OfRun(trained.Config) : null, device, offload);
    }

    // As hosts do it that know nothing of this project.
    static ChosenDevice Host(string path, int threads, DeviceChoice? device) => (device ?? DeviceChoice.Cpu).Open(
        threads, $"{path} is an ONNX model, which generating runs on the processor alone");

    static TextModel LoadOnnx(
        string folder, string path, string? adapter, ModelTokenizer tokenizer, ChosenDevice device, OffloadChoice? offload)
    {
        offload?.RequireEffect(device.Device);
        var logits = Open(path);
        try
        {
            RequireItsOwn(tokenizer, logits, folder, path);
            if (adapter is not null)
            {
                Use(logits, path, adapter);
            }

            var place = new ForwardPlace(device, Memory: null);
            return new TextModel(folder, tokenizer, SizesOf(folder, logits), device, Next, () => place, logits);
        }
        catch
        {
            logits.Dispose();
            throw;
        }

        Func<long[], float[]> Next(int maxLength, bool goesOn)
        {
            if (!goesOn)
            {
                logits.Forget();
            }

            return logits.Next;
        }
    }

    static void Use(OnnxLogits logits, string path, string adapter)
    {
        // Looks at more than ONNX Runtime does, which says of an adapter that is another model's only when it runs, and nothing of one
        // whose names and sizes fit.
        OnnxAdapterReader.Read(adapter);
        RequireBase(logits, path, adapter);
        try
        {
            logits.Use(adapter);
            logits.Next([0]);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidDataException(
                $"{adapter} is no adapter of {path}: {e.Message.TrimEnd('.', '\n', ' ')}. Expected one that was exported beside it. Put it "
                + "beside its own base, or export it again.",
                e);
        }
    }

    // Ids of another tokenizer are other words to the model: it would answer, and nonsense. Exports say whose ids they take.
    static void RequireItsOwn(ModelTokenizer tokenizer, OnnxLogits logits, string folder, string path)
    {
        if (logits.Metadata.GetValueOrDefault(TokenizerEntry) is { } digest && digest != tokenizer.Digest)
        {
            throw new InvalidDataException($"{folder} holds another tokenizer than {path} was exported with: its digest is "
                + $"{tokenizer.Digest[..Shown]}… and the model says {digest[..Shown]}…. Put the model's own tokenizer there, or export "
                + "again.");
        }
    }

    // By what stands beside an adapter that was exported; one of another tool says nothing of its base.
    static void RequireBase(OnnxLogits logits, string path, string adapter)
    {
        var origin = adapter + OnnxAdapter.OriginSuffix;
        if (logits.Metadata.GetValueOrDefault($"ortdpo.{OnnxAdapter.BaseDigest}") is not { } digest || !File.Exists(origin))
        {
            return;
        }

        try
        {
            using var json = JsonBytes.ReadFile(origin);
            if (json.RootElement.GetProperty(OnnxAdapter.BaseDigest).GetString() is { Length: > Shown } other && other != digest)
            {
                throw new InvalidDataException($"{adapter} is of another base: it was trained on {other[..Shown]}…, and {path} is "
                    + $"{digest[..Shown]}…. Put it beside its own base.");
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new InvalidDataException($"{origin} is damaged: {e.Message} Export the adapter again.", e);
        }
    }

    // Of an export that names its family, the sizes are those of the configuration beside it: no need to read the graph.
    static ModelSizes SizesOf(string folder, OnnxLogits logits) =>
        logits.Family is { } family && ModelFamilies.Names.Contains(family) && File.Exists(Path.Combine(folder, ModelFolder.ConfigName))
            ? ModelFamilies.Read(folder).Sizes
            : GenAiSizes.Find(folder) ?? ModelFolder.ModelOf(folder).Sizes;

    // Here and not where export compares what it has just written: that such a file does not load is no damage.
    static OnnxLogits Open(string path)
    {
        GitLfsPointer.Refuse(path);
        try
        {
            return new OnnxLogits(path);
        }
        catch (OnnxRuntimeException e)
        {
            // Tensors may lie in files beside it.
            foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(Path.GetFullPath(path))!))
            {
                GitLfsPointer.Refuse(file);
            }

            throw new InvalidDataException(
                $"{path} is damaged, or no model that ONNX Runtime {OrtProcess.Version} loads: {e.Message.TrimEnd('.', '\n', ' ')}. "
                + "Expected a whole ONNX model. Export or fetch it again.",
                e);
        }
    }

    static TextModel LoadLayers(
        string folder, string? adapter, BaseWeights? weights, ModelTokenizer tokenizer, int threads, DeviceChoice device,
        OffloadChoice? offload)
    {
        var opened = ModelFolder.Open(folder, adapter, WeightMapping.ReadOnly, weights);
        try
        {
            var chosen = device.Open(threads);
            var logits = new LengthwiseLogits(opened, chosen, offload, tokenizer.Bytes);
            return new TextModel(folder, tokenizer, opened.Model.Sizes, chosen, logits.For, () => logits.Place!, logits);
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }
}
