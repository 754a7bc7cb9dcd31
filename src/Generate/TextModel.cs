using Microsoft.ML.OnnxRuntime;
using OrtDpo.Linked;
using OrtDpo.Models;
using OrtDpo.Models.Decoders;
using OrtDpo.Models.Families;
using OrtDpo.Models.Import;
using OrtDpo.Models.Quantized;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Generation;
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
    readonly ModelTokenizer tokenizer;
    readonly ModelSizes sizes;
    // From the longest that a sequence may become to the logits after its last token.
    readonly Func<int, Func<long[], float[]>> next;
    readonly IDisposable[] owned;

    TextModel(
        ModelTokenizer tokenizer, ModelSizes sizes, ChosenDevice device, Func<int, Func<long[], float[]>> next, params IDisposable[] owned)
    {
        Device = device;
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
    /// <exception cref="ArgumentOutOfRangeException">There is not even one thread.</exception>
    /// <exception cref="InvalidOperationException">ONNX Runtime runs with another number of threads in this process.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">The folder lacks a file.</exception>
    /// <exception cref="InvalidDataException">
    /// A file is damaged or belongs to another model, or the model takes what nothing feeds.
    /// </exception>
    /// <exception cref="NotSupportedException">
    /// The model's family, a weight's type or the tokenizer is of a kind that is not read, or the device cannot be used.
    /// </exception>
    public static TextModel Load(
        string folder, int threads, string? adapter = null, BaseWeights? weights = null, DeviceChoice? device = null)
    {
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"The model folder {folder} does not exist. "
                + $"Give a folder that export wrote, or a Hugging Face folder.{HubName.Advice(folder, "model")}");
        }

        OrtProcess.Start(threads);
        var tokenizer = ModelTokenizer.Load(folder);
        return adapter is null && weights is not { IsAsStored: false } && OnnxFile.Find(folder) is { } path
            ? LoadOnnx(folder, path, tokenizer, Host(path, threads, device))
            : LoadLayers(folder, adapter, weights, tokenizer, threads, device ?? DeviceChoice.Cpu);
    }

    /// <summary>
    /// The greedy continuation of <paramref name="prompt"/>, without the prompt: always the likeliest token, the first of equals, up to a
    /// token that ends a sequence, which is not part of it, or to the model's last position.
    /// </summary>
    /// <param name="prompt">The text to continue, as it is: no chat template is applied.</param>
    /// <param name="maxNewTokens">Tokens to add at most, 1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is not even one token to add.</exception>
    /// <exception cref="InvalidDataException">
    /// The prompt has no tokens, more than the model has positions, or one that the model does not know.
    /// </exception>
    public string Continue(string prompt, int maxNewTokens)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxNewTokens);
        var ids = tokenizer.Encode(prompt);
        RequireUsable(ids);
        var count = Math.Min(maxNewTokens, sizes.MaxPositions - ids.Length);
        var text = new GrowingText(tokenizer, ids);
        var parts = GreedyDecoding.Continue(ids, count, tokenizer.EosIds, next(ids.Length + count))
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

    static TextModel LoadOnnx(string folder, string path, ModelTokenizer tokenizer, ChosenDevice device)
    {
        var logits = Open(path);
        try
        {
            return new TextModel(tokenizer, SizesOf(folder, logits), device, _ => logits.Next, logits);
        }
        catch
        {
            logits.Dispose();
            throw;
        }
    }

    // Of an export that names its family, the sizes are those of the configuration beside it: no need to read the graph.
    static ModelSizes SizesOf(string folder, OnnxLogits logits) =>
        logits.Family is { } family && ModelFamilies.Names.Contains(family) && File.Exists(Path.Combine(folder, ModelFolder.ConfigName))
            ? ModelFamilies.Read(folder).Sizes
            : ModelFolder.ModelOf(folder).Sizes;

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
        string folder, string? adapter, BaseWeights? weights, ModelTokenizer tokenizer, int threads, DeviceChoice device)
    {
        var opened = ModelFolder.Open(folder, adapter, WeightMapping.ReadOnly, weights);
        try
        {
            var chosen = device.Open(threads);
            var logits = new LengthwiseLogits(opened, chosen.Device);
            return new TextModel(tokenizer, opened.Model.Sizes, chosen, logits.For, logits);
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
