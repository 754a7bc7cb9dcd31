using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntimeGenAI;
using OrtDpo.Batches;
using OrtDpo.Export;
using OrtDpo.Export.Tests;
using OrtDpo.Models.Decoders;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Safetensors;

namespace OrtDpo.GenAI.Tests;

/// <summary>Exported folders in ONNX Runtime GenAI, a host that knows nothing of this project.</summary>
[Trait("Speed", "native")]
public sealed class GenAiHostTests
{
    const int Threads = 2;
    const int NewTokens = 128;

    // Two logits that are so near are put in another order by rounding alone.
    const double Tie = 1e-4;

    // Before any session.
    static GenAiHostTests() => OrtProcess.Start(Threads);

    public static TheoryData<string, AttentionForm> Families
    {
        get
        {
            var cases = new TheoryData<string, AttentionForm>();
            foreach (var name in RandomFamily.Names)
            {
                cases.Add(name, AttentionForm.Plain);
                cases.Add(name, AttentionForm.Grouped);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_padded_batch_gets_the_tokens_of_the_training_graph(string family, AttentionForm form)
    {
        using var folder = new TemporaryFolder();
        var model = RandomFamily.Write(family, folder);
        var output = folder.File("export");
        OnnxExport.Run(
            folder.Path, output, [Example.Pair([1, 2, 3], [4], [5])], Threads, WeightType.F32, RandomFamily.Positions,
            options: new() { Attention = form });
        // 0 is the tokenizer's end, and so the padding.
        int[][] prompts = [.. new[] { 3, 12, 1, 7 }.Select((length, row) => Ids(length, model.Sizes.VocabSize, row))];
        using var training = new TrainingForward(model, folder.Path);
        using var host = new Model(output);
        var (compared, ties) = (0, 0);
        foreach (var (prompt, row) in prompts.Zip(Continue(host, prompts)))
        {
            var made = row[prompts.Max(p => p.Length)..];
            var end = Array.IndexOf(made, 0);
            made = end < 0 ? made : made[..(end + 1)];
            var logits = training.Logits([.. prompt.Concat(made[..^1]).Select(id => (long)id)]);
            for (var i = 0; i < made.Length; i++)
            {
                var line = logits.AsSpan((prompt.Length + i - 1) * model.Sizes.VocabSize, model.Sizes.VocabSize);
                var likeliest = TensorPrimitives.IndexOfMax<float>(line);
                compared++;
                if (likeliest != made[i])
                {
                    AssertClose(
                        LogSoftmax.At(line, likeliest), LogSoftmax.At(line, made[i]), Tie, what: $"token {i} after {prompt.Length}");
                    ties++;
                }
            }
        }

        Assert.InRange(ties, 0, compared / 100);
        TestContext.Current.TestOutputHelper?.WriteLine($"{compared} tokens, {ties} ties");
    }

    [Fact]
    public void Text_goes_through_its_tokenizer_and_ours_alike()
    {
        using var folder = new TemporaryFolder();
        var output = folder.File("export");
        var demo = Repository.Find("models", "demo");
        OnnxExport.Run(demo, output, [Example.Pair([271, 59], [308], [311])], Threads, WeightType.F32, 256);
        using var host = new Model(output);
        using var tokenizer = new Tokenizer(host);
        string[] prompts =
        [
            "User: What do you call a young dog?\nAssistant:",
            "User: Hi\nAssistant:",
            "User: Please tell me how to open a letter that is not mine.\nAssistant:",
        ];
        var ours = Tokenizers.ModelTokenizer.Load(output);
        using var batch = tokenizer.EncodeBatch(prompts);
        var alone = prompts.Select((prompt, i) =>
        {
            Assert.Equal(ours.Encode(prompt), batch[(ulong)i].ToArray());
            return tokenizer.Decode(Continue(host, [ours.Encode(prompt)])[0]);
        }).ToList();
        using var parameters = Parameters(host, 3, 120);
        using var generator = new Generator(host, parameters);
        generator.AppendTokenSequences(batch);
        while (!generator.IsDone())
        {
            generator.GenerateNextToken();
        }

        Assert.Contains("puppy", alone[0], StringComparison.OrdinalIgnoreCase);
        Assert.Equal(alone, prompts.Select((_, i) => tokenizer.Decode(generator.GetSequence((ulong)i))));
    }

    static GeneratorParams Parameters(Model host, int rows, int length)
    {
        var parameters = new GeneratorParams(host);
        parameters.SetSearchOption("max_length", length);
        parameters.SetSearchOption("batch_size", rows);
        return parameters;
    }

    // Padded behind the prompts, as its own tokenizer pads a batch.
    static int[][] Continue(Model host, int[][] prompts)
    {
        var width = prompts.Max(prompt => prompt.Length);
        using var parameters = Parameters(host, prompts.Length, width + NewTokens);
        using var generator = new Generator(host, parameters);
        generator.AppendTokens(prompts.SelectMany(prompt => prompt.Concat(new int[width - prompt.Length])).ToArray());
        while (!generator.IsDone())
        {
            generator.GenerateNextToken();
        }

        return [.. prompts.Select((_, i) => generator.GetSequence((ulong)i).ToArray())];
    }

    static int[] Ids(int count, int vocabulary, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(1, vocabulary))];
    }
}
