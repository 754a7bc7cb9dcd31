using Microsoft.ML.OnnxRuntime;
using OrtDpo.Linked;
using OrtDpo.Models;
using OrtDpo.Models.Decoders;
using OrtDpo.Models.Families;
using OrtDpo.Models.Import;
using OrtDpo.Models.Quantized;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Generation;
using OrtDpo.Runtime.Models;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Safetensors;
using OrtDpo.Tokenizers;

namespace OrtDpo.Generate;

/// <summary>
/// A model to talk to: a folder that export wrote, or another with an ONNX model, which is loaded as any host of ONNX Runtime loads it; or
/// a Hugging Face folder, which runs through the layers that train. For one thread at a time.
/// </summary>
public sealed class TextModel : IDisposable
{
    // What an export's metadata says of the tokenizer.
    const string TokenizerEntry = "ortdpo.tokenizer_digest";

    readonly ModelTokenizer tokenizer;
    readonly ModelSizes sizes;
    // From the longest that a sequence may become to the logits after its last token.
    readonly Func<int, Func<long[], float[]>> next;
    readonly Func<ForwardPlace> place;
    readonly IDisposable[] owned;

    TextModel(
        ModelTokenizer tokenizer, ModelSizes sizes, ChosenDevice device, Func<int, Func<long[], float[]>> next, Func<ForwardPlace> place,
        params IDisposable[] owned)
    {
        Device = device;
        this.place = place;
        this.tokenizer = tokenizer;
        this.sizes = sizes;
        this.next = next;
        this.owned = owned;
    }

    /// <summary>What it runs on.</summary>
    public ChosenDevice Device { get; }

    /// <summary>Opens a model with its tokenizer; it lies in memory until it is disposed.</summary>
    /// <param name="folder">The folder of model and tokenizer.</param>
    /// <param name="threads">Threads of ONNX Runtime; the first model of the process decides.</param>
    /// <param name="adapter">The folder of an adapter to put on it; null: none, but what the folder is.</param>
    /// <param name="weights">How the weights of its layers are held; null: as its files have them.</param>
    /// <param name="device">Where layers that train run; null: the processor.</param>
    /// <param name="offload">
    /// What of the weights lies in the host's memory, where the device is another; null: what its memory demands for a text.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">There is not even one thread.</exception>
    /// <exception cref="InvalidOperationException">ONNX Runtime runs with another number of threads in this process.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">The folder lacks a file.</exception>
    /// <exception cref="InvalidDataException">
    /// A file is damaged or belongs to another model, or the model takes what nothing feeds.
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

        OrtProcess.Start(threads);
        var tokenizer = ModelTokenizer.Load(folder);
        return adapter is null && weights is not { IsAsStored: false } && OnnxFile.Find(folder) is { } path
            ? LoadOnnx(folder, path, tokenizer, Host(path, threads, device), offload)
            : LoadLayers(folder, adapter, weights, tokenizer, threads, device ?? DeviceChoice.Cpu, offload);
    }

    /// <summary>
    /// The greedy continuation of <paramref name="prompt"/>, without the prompt: always the likeliest token, the first of equals, up to a
    /// token that ends a sequence, which is not part of it, or to the model's last position.
    /// </summary>
    /// <param name="prompt">The text to continue, as it is: no chat template is applied.</param>
    /// <param name="maxNewTokens">Tokens to add at most, 1 or more.</param>
    /// <param name="opened">Told of the device, and of what is taken there for so long a text, before its first token.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is not even one token to add.</exception>
    /// <exception cref="InvalidDataException">
    /// The prompt has no tokens, more than the model has positions, or one that the model does not know.
    /// </exception>
    /// <exception cref="NotSupportedException">
    /// The device has too little memory, or what is to lie in the host's memory cannot.
    /// </exception>
    public string Continue(string prompt, int maxNewTokens, Action<ForwardPlace>? opened = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxNewTokens);
        var ids = tokenizer.Encode(prompt);
        RequireUsable(ids);
        var count = Math.Min(maxNewTokens, sizes.MaxPositions - ids.Length);
        var text = new GrowingText(tokenizer, ids);
        var logits = next(ids.Length + count);
        opened?.Invoke(place());
        var parts = GreedyDecoding.Continue(ids, count, tokenizer.EosIds, logits)
            .Select(id => text.Add(id))
            .ToList();
        return string.Concat(parts) + text.End();
    }

    public void Dispose()
    {
        foreach (var disposable in owned)
        {
            disposable.Dispose();
        }
    }

    // As hosts do it that know nothing of this project.
    static ChosenDevice Host(string path, int threads, DeviceChoice? device) => (device ?? DeviceChoice.Cpu).Open(
        threads, $"{path} is an ONNX model, which generating runs on the processor alone");

    static TextModel LoadOnnx(string folder, string path, ModelTokenizer tokenizer, ChosenDevice device, OffloadChoice? offload)
    {
        offload?.RequireEffect(device.Device);
        var logits = Open(path);
        try
        {
            RequireItsOwn(tokenizer, logits, folder, path);
            var place = new ForwardPlace(device, Memory: null);
            return new TextModel(tokenizer, SizesOf(folder, logits), device, _ => logits.Next, () => place, logits);
        }
        catch
        {
            logits.Dispose();
            throw;
        }
    }

    // Ids of another tokenizer are other words to the model: it would answer, and nonsense. Exports say whose ids they take.
    static void RequireItsOwn(ModelTokenizer tokenizer, OnnxLogits logits, string folder, string path)
    {
        if (logits.Says(TokenizerEntry) is { } digest && digest != tokenizer.Digest)
        {
            throw new InvalidDataException($"{folder} holds another tokenizer than {path} was exported with: its digest is "
                + $"{tokenizer.Digest[..12]}… and the model says {digest[..12]}…. Put the model's own tokenizer there, or export again.");
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
            return new TextModel(tokenizer, opened.Model.Sizes, chosen, logits.For, () => logits.Place!, logits);
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    void RequireUsable(int[] ids)
    {
        if (ids.Length == 0)
        {
            throw new InvalidDataException("The prompt is empty, and the tokenizer puts no token before it: "
                + "nothing predicts the first token. Give a prompt with text.");
        }

        if (ids.Length > sizes.MaxPositions)
        {
            throw new InvalidDataException(
                $"The prompt has {ids.Length} tokens, and the model has {sizes.MaxPositions} positions. Give a shorter prompt.");
        }

        tokenizer.RequireKnown("The prompt", ids.Max(), sizes.VocabSize);
    }
}
