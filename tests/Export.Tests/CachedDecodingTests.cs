using System.Numerics.Tensors;
using OrtDpo.Batches;
using OrtDpo.Models.Decoders;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Safetensors;

namespace OrtDpo.Export.Tests;

/// <summary>
/// Exported models in a host that decodes batches with the cache, against the layers that train, which run every sequence whole.
/// </summary>
[Trait("Speed", "native")]
public sealed class CachedDecodingTests
{
    // ONNX Runtime's thread pool is the process's: all tests of this project use this many.
    const int Threads = 2;

    const int NewTokens = 128;

    // Two logits that are so near are put in another order by rounding alone.
    const double Tie = 1e-4;

    // Before any session.
    static CachedDecodingTests() => OrtProcess.Start(Threads);

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
        using var training = new TrainingForward(model, folder.Path);
        Check(folder, training, model.Sizes.VocabSize, RandomFamily.Positions, form);
    }

    [Theory]
    [InlineData(AttentionForm.Plain)]
    [InlineData(AttentionForm.Grouped)]
    public void Stories260K_gets_the_tokens_of_the_training_graph(AttentionForm form)
    {
        var source = SharedData.Folder("stories260K");
        using var folder = new TemporaryFolder();
        foreach (var file in Directory.GetFiles(source))
        {
            File.Copy(file, folder.File(Path.GetFileName(file)));
        }

        var model = Models.ModelFolder.ModelOf(folder.Path);
        using var training = new TrainingForward(model, folder.Path);
        Check(folder, training, model.Sizes.VocabSize, model.Sizes.MaxPositions, form);
    }

    [Fact]
    public void Padding_before_the_prompts_is_not_for_grouped_attention()
    {
        using var folder = new TemporaryFolder();
        var model = RandomFamily.Write("llama", folder);
        int[][] prompts = [Ids(3, model.Sizes.VocabSize, 1), Ids(12, model.Sizes.VocabSize, 2)];
        var made = Enum.GetValues<AttentionForm>().ToDictionary(form => form, form =>
        {
            var output = folder.File($"{form}");
            OnnxExport.Run(
                folder.Path, output, [Pair(model.Sizes.VocabSize)], Threads, WeightType.F32, RandomFamily.Positions,
                options: new() { Attention = form });
            using var host = new PaddedHost(Path.Combine(output, "model.onnx"));
            return host.Continue(prompts, 16, Padding.Left);
        });
        Assert.Equal(made[AttentionForm.Plain][1].Tokens, made[AttentionForm.Grouped][1].Tokens);
        Assert.NotEqual(made[AttentionForm.Plain][0].Tokens, made[AttentionForm.Grouped][0].Tokens);
    }

    static void Check(TemporaryFolder folder, TrainingForward training, int vocabulary, int positions, AttentionForm form)
    {
        var output = folder.File("export");
        var report = OnnxExport.Run(
            folder.Path, output, [Pair(vocabulary)], Threads, WeightType.F32, positions, options: new() { Attention = form });
        Assert.True(report.Holds, report.Fault);
        Assert.InRange(report.Cache!.Tokens, 32, 32);

        int[][] prompts = [.. new[] { 3, 12, 1, 7 }.Select((length, row) => Ids(length, vocabulary, row))];
        using var host = new PaddedHost(Path.Combine(output, "model.onnx"));
        foreach (var padding in form == AttentionForm.Plain ? Enum.GetValues<Padding>() : [Padding.Right])
        {
            var (differences, ties, count) = (new List<double>(), 0, 0);
            foreach (var (prompt, made) in prompts.Zip(host.Continue(prompts, NewTokens, padding)))
            {
                var logits = training.Logits([.. prompt.Select(id => (long)id), .. made.Tokens[..^1]]);
                foreach (var (i, (token, logp)) in made.Tokens.Zip(made.Logps).Index())
                {
                    var line = logits.AsSpan((prompt.Length + i - 1) * vocabulary, vocabulary);
                    var (expected, likeliest) = (LogSoftmax.At(line, (int)token), TensorPrimitives.IndexOfMax<float>(line));
                    differences.Add(Math.Abs(expected - logp));
                    count++;
                    if (likeliest != token)
                    {
                        AssertClose(LogSoftmax.At(line, likeliest), expected, Tie, what: $"token {i} after {prompt.Length}, {padding}");
                        ties++;
                    }
                }
            }

            Assert.InRange(ties, 0, count / 100);
            Assert.InRange(differences.Average(), 0, Tolerances.ParityMean);
            Assert.InRange(differences.Max(), 0, Tolerances.ParityMax);
            TestContext.Current.TestOutputHelper?.WriteLine(
                $"{padding}: {count} tokens, {ties} ties, mean {differences.Average():g2}, at most {differences.Max():g2}");
        }
    }

    static Example Pair(int vocabulary) => Example.Pair(Ids(9, vocabulary, 5), Ids(8, vocabulary, 6), Ids(5, vocabulary, 7));

    static int[] Ids(int count, int vocabulary, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(vocabulary))];
    }
}
