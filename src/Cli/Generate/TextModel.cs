using OrtDpo.Core.Text;
using OrtDpo.Graph.Weights;
using OrtDpo.Runtime.Generation;
using OrtDpo.Runtime.Models;
using OrtDpo.Runtime.Sessions;

namespace OrtDpo.Cli.Generate;

/// <summary>A model to talk to: a folder that export wrote (it holds <c>model.onnx</c>), or a Hugging Face folder.</summary>
sealed class TextModel : IDisposable
{
    readonly ModelTokenizer _tokenizer;
    readonly Func<long[], float[]> _next;
    readonly IDisposable[] _owned;

    TextModel(ModelTokenizer tokenizer, Func<long[], float[]> next, params IDisposable[] owned)
    {
        _tokenizer = tokenizer;
        _next = next;
        _owned = owned;
    }

    public static TextModel Load(string folder, int threads)
    {
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"The model folder {folder} does not exist. Give a folder that export wrote, or a Hugging Face folder.");
        }

        OrtProcess.Start(threads);
        var tokenizer = ModelTokenizer.Load(folder);
        if (File.Exists(Path.Combine(folder, "model.onnx")))
        {
            var onnx = new OnnxLogits(Path.Combine(folder, "model.onnx"));
            return new TextModel(tokenizer, onnx.Next, onnx);
        }

        var parameters = ModelParameters.Open(folder, WeightMapping.ReadOnly);
        var fragments = new FragmentLogits(parameters);
        return new TextModel(tokenizer, fragments.Next, fragments, parameters);
    }

    /// <summary>The greedy continuation of <paramref name="prompt"/>, without the prompt.</summary>
    public string Continue(string prompt, int maxNewTokens)
    {
        var ids = _tokenizer.Encode(prompt);
        var continued = GreedyDecoding.Continue(ids, maxNewTokens, _tokenizer.EosIds, _next).ToList();
        // Decoded together, so that the space before the first new word stays; the prompt decodes to the same text by itself.
        return _tokenizer.Decode([.. ids, .. continued])[_tokenizer.Decode(ids).Length..];
    }

    public void Dispose()
    {
        foreach (var owned in _owned)
        {
            owned.Dispose();
        }
    }
}
