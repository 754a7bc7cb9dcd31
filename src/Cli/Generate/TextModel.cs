using OrtDpo.Models;
using OrtDpo.Models.Decoders;
using OrtDpo.Models.Import;
using OrtDpo.Runtime.Generation;
using OrtDpo.Runtime.Models;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Safetensors;
using OrtDpo.Tokenizers;

namespace OrtDpo.Cli.Generate;

/// <summary>A model to talk to: a folder that export wrote (it holds <c>model.onnx</c>), or a Hugging Face folder.</summary>
sealed class TextModel : IDisposable
{
    readonly ModelTokenizer tokenizer;
    readonly ModelSizes sizes;
    readonly Func<long[], float[]> next;
    readonly IDisposable[] owned;

    TextModel(ModelTokenizer tokenizer, ModelSizes sizes, Func<long[], float[]> next, params IDisposable[] owned)
    {
        this.tokenizer = tokenizer;
        this.sizes = sizes;
        this.next = next;
        this.owned = owned;
    }

    public static TextModel Load(string folder, int threads)
    {
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"The model folder {folder} does not exist. "
                + "Give a folder that export wrote, or a Hugging Face folder.");
        }

        OrtProcess.Start(threads);
        var tokenizer = ModelTokenizer.Load(folder);
        if (OnnxFile.Find(folder) is { } path)
        {
            var onnx = new OnnxLogits(path);
            return new TextModel(tokenizer, ModelFolder.ModelOf(folder).Sizes, onnx.Next, onnx);
        }

        var parameters = ModelParameters.Open(folder, WeightMapping.ReadOnly);
        var fragments = new FragmentLogits(parameters);
        return new TextModel(tokenizer, parameters.Model.Sizes, fragments.Next, fragments, parameters);
    }

    /// <summary>The greedy continuation of <paramref name="prompt"/>, without the prompt; it ends where the model's positions do.</summary>
    /// <exception cref="InvalidDataException">
    /// The prompt has no tokens, more than the model has positions, or one that the model does not know.
    /// </exception>
    public string Continue(string prompt, int maxNewTokens)
    {
        var ids = tokenizer.Encode(prompt);
        RequireUsable(ids);
        var room = sizes.MaxPositions - ids.Length;
        var text = new GrowingText(tokenizer, ids);
        var parts = GreedyDecoding.Continue(ids, Math.Min(maxNewTokens, room), tokenizer.EosIds, next)
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

        if (ids.Max() is var largest && largest >= sizes.VocabSize)
        {
            throw new InvalidDataException(
                $"The prompt has token {largest} ('{tokenizer.TokenText(largest)}'), and the model's vocabulary has "
                + $"{sizes.VocabSize}. The tokenizer beside the weights is not theirs.");
        }
    }
}
