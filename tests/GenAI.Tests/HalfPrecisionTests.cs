using Microsoft.ML.OnnxRuntimeGenAI;
using OrtDpo.Batches;
using OrtDpo.Export;
using OrtDpo.Export.Tests;
using OrtDpo.Models.Decoders;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Safetensors;

namespace OrtDpo.GenAI.Tests;

/// <summary>Exports that compute in float16 in ONNX Runtime GenAI, whose cache and logits then have 16 bits.</summary>
[Trait("Speed", "native")]
public sealed class HalfPrecisionTests
{
    const int Threads = 2;
    const int NewTokens = 48;

    // What rounding weights and graph may put between two tokens: each moves either of them by 0.02 at most.
    const double Tie = 0.08;

    // Before any session.
    static HalfPrecisionTests() => OrtProcess.Start(Threads);

    [Theory]
    [InlineData("llama", AttentionForm.Plain)]
    [InlineData("llama", AttentionForm.Grouped)]
    [InlineData("qwen3", AttentionForm.Plain)]
    [InlineData("gemma2", AttentionForm.Plain)]
    [InlineData("gpt2", AttentionForm.Grouped)]
    [InlineData("phi3", AttentionForm.Grouped)]
    public void A_padded_batch_gets_the_tokens_of_the_training_graph(string family, AttentionForm form)
    {
        using var folder = new TemporaryFolder();
        var model = RandomFamily.Write(family, folder);
        var (output, vocabulary) = (folder.File("export"), model.Sizes.VocabSize);
        OnnxExport.Run(
            folder.Path, output, [Example.Pair([1, 2, 3], [4], [5])], Threads, WeightType.F16, RandomFamily.Positions,
            options: new()
            {
                Attention = form, Compute = WeightType.F16,
                // What rounding does to random weights is another matter.
                Limits = ParityLimits.Of(WeightType.F16, WeightType.F16) with { PolicyMean = double.MaxValue, PolicyMax = double.MaxValue },
            });
        int[][] prompts = [[3, 1, 4], [1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9], [7]];
        var width = prompts.Max(prompt => prompt.Length);
        using var training = new TrainingForward(model, folder.Path);
        using var host = new Model(output);
        using var parameters = new GeneratorParams(host);
        parameters.SetSearchOption("max_length", width + NewTokens);
        parameters.SetSearchOption("batch_size", prompts.Length);
        using var generator = new Generator(host, parameters);
        // 0 is the tokenizer's end, and so the padding.
        generator.AppendTokens(prompts.SelectMany(prompt => prompt.Concat(new int[width - prompt.Length])).ToArray());
        while (!generator.IsDone())
        {
            generator.GenerateNextToken();
        }

        var compared = 0;
        for (var row = 0; row < prompts.Length; row++)
        {
            var made = generator.GetSequence((ulong)row).ToArray()[width..];
            var end = Array.IndexOf(made, 0);
            made = end < 0 ? made : made[..(end + 1)];
            var logits = training.Logits([.. prompts[row].Concat(made[..^1]).Select(id => (long)id)]);
            for (var i = 0; i < made.Length; i++)
            {
                var line = logits.AsSpan((prompts[row].Length + i - 1) * vocabulary, vocabulary);
                var best = double.NegativeInfinity;
                for (var id = 0; id < vocabulary; id++)
                {
                    best = Math.Max(best, LogSoftmax.At(line, id));
                }

                Assert.InRange(best - LogSoftmax.At(line, made[i]), 0, Tie);
                compared++;
            }
        }

        Assert.InRange(compared, prompts.Length, prompts.Length * NewTokens);
    }
}
