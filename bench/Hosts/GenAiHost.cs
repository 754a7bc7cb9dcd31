using Microsoft.ML.OnnxRuntimeGenAI;

namespace OrtDpo.HostsBench;

/// <summary>ONNX Runtime GenAI.</summary>
sealed class GenAiHost(string folder) : IHost
{
    readonly Model model = new(folder);

    public IEnumerable<int> Continue(int[] prompt, int tokens)
    {
        using var parameters = new GeneratorParams(model);
        parameters.SetSearchOption("max_length", prompt.Length + tokens);
        // It ends a text where the model does; before this length it takes another token.
        parameters.SetSearchOption("min_length", prompt.Length + tokens);
        using var generator = new Generator(model, parameters);
        generator.AppendTokens(prompt);
        for (var made = 0; made < tokens; made++)
        {
            generator.GenerateNextToken();
            yield return Last(generator);
        }
    }

    public void Dispose() => model.Dispose();

    static int Last(Generator generator) => generator.GetSequence(0)[^1];
}
