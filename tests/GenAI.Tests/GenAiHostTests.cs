using Microsoft.ML.OnnxRuntimeGenAI;
using OrtDpo.Export.Tests;
using OrtDpo.Models.Decoders;

namespace OrtDpo.GenAI.Tests;

/// <summary>Exported folders in ONNX Runtime GenAI, a host that knows nothing of this project.</summary>
[Trait("Speed", "native")]
public sealed class GenAiHostTests
{
    const int NewTokens = 128;

    public static TheoryData<string, AttentionForm> Families => HostCase.Families;

    public static TheoryData<string> All => HostCase.All;

    [Theory]
    [MemberData(nameof(Families))]
    public void A_padded_batch_gets_the_tokens_of_the_training_graph(string family, AttentionForm form)
    {
        using var model = HostCase.Open(family, form);
        Check(model, batches: 1, $"{family}, {form}");
    }

    [Theory]
    [Trait("Speed", "long")]
    [MemberData(nameof(All))]
    public void Thirty_two_prompts_get_the_tokens_of_the_training_graph(string name)
    {
        using var model = HostCase.Open(name);
        Check(model, batches: 8, name);
    }

    static void Check(HostCase model, int batches, string what)
    {
        using var host = new Model(model.Export);
        var (text, ends) = (model.Text, model.Ends);
        foreach (var prompts in model.Batches(batches))
        {
            foreach (var (prompt, row) in prompts.Zip(Continue(host, prompts, ends[0])))
            {
                var made = row[prompts.Max(p => p.Length)..];
                var end = Array.FindIndex(made, id => ends.Contains(id));
                text.Compare(prompt, end < 0 ? made : made[..(end + 1)], what);
            }
        }

        text.Finish(what);
    }

    [Fact]
    public void Text_goes_through_its_tokenizer_and_ours_alike()
    {
        using var folder = new TemporaryFolder();
        var output = folder.File("export");
        var demo = Repository.Find("models", "demo");
        ExportedFolder.Make(demo, output);
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
            return tokenizer.Decode(Continue(host, [ours.Encode(prompt)], padding: 0)[0]);
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
    static int[][] Continue(Model host, int[][] prompts, int padding)
    {
        var width = prompts.Max(prompt => prompt.Length);
        using var parameters = Parameters(host, prompts.Length, width + NewTokens);
        using var generator = new Generator(host, parameters);
        generator.AppendTokens(prompts.SelectMany(prompt => prompt.Concat(Enumerable.Repeat(padding, width - prompt.Length))).ToArray());
        while (!generator.IsDone())
        {
            generator.GenerateNextToken();
        }

        return [.. prompts.Select((_, i) => generator.GetSequence((ulong)i).ToArray())];
    }
}
