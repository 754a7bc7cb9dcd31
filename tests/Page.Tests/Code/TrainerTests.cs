using System.Text.Json;
using OrtDpo.Adapters;
using OrtDpo.Artifacts.Graphs;
using OrtDpo.Objectives;
using OrtDpo.Page.Tests.Browser;
using OrtDpo.Tokenizers;

namespace OrtDpo.Page.Tests.Code;

/// <summary>The page's trainer in ONNX Runtime's training runtime, under Node.</summary>
public sealed class TrainerTests
{
    [Fact]
    [Trait("Speed", "long")]
    public void A_step_in_parts_is_the_step_as_a_whole()
    {
        using var folder = new TemporaryFolder();
        var artifacts = Artifacts(folder, "sigmoid", new ObjectiveOptions(), SampleRun.Lora);
        // A vocabulary for which no two pairs fit into one batch.
        object Asked(int? vocabulary) => new { Folder = artifacts, Pairs = Pairs(), Steps = 4, Rate = 1e-3, Vocabulary = vocabulary };
        var found = PageModules.Ask("train", Asked(null), Asked(1 << 20));
        AssertClose(Numbers(found[0], "losses"), Numbers(found[1], "losses"), absolute: 1e-6);
        // The rate times four bounds what a weight moves; where its gradient is rounding alone, its sign is by chance.
        var differences = Numbers(found[0], "values").Zip(Numbers(found[1], "values"), (a, b) => Math.Abs(a - b)).ToList();
        Assert.True(differences.Average() < 1e-6, $"{differences.Average()}");
    }

    [Theory]
    [InlineData("sigmoid", null, null)]
    [InlineData("sigmoid", 0.2, null)]
    [InlineData("sigmoid", null, 0.5)]
    [InlineData("ipo", null, null)]
    [InlineData("hinge", null, null)]
    [InlineData("simpo", 2.0, null)]
    [InlineData("orpo", null, null)]
    [InlineData("aot", null, null)]
    [InlineData("sigmoid:0.8,sft:1", null, null)]
    [Trait("Speed", "long")]
    public void Losses_of_pairs_train(string losses, double? beta, double? ldAlpha)
    {
        using var folder = new TemporaryFolder();
        var options = new ObjectiveOptions { Beta = beta, LdAlpha = ldAlpha };
        var artifacts = Artifacts(folder, losses, options, SampleRun.Lora);
        var found = PageModules.Ask("train", new { Folder = artifacts, Pairs = Pairs(), Steps = 6, Rate = 2e-3 })[0];
        var steps = Numbers(found, "losses");
        if (Objective.Parse(losses, options).BaseLoss is { } expected)
        {
            AssertClose(expected, steps[0], absolute: 1e-5);
        }

        Assert.True(steps[^1] < steps[0], string.Join(' ', steps));
    }

    static string Artifacts(TemporaryFolder folder, string losses, ObjectiveOptions options, LoraConfig lora)
    {
        var artifacts = folder.File("artifacts");
        ArtifactWriter.Write(new ArtifactRequest
        {
            Model = SampleRun.Model, Out = artifacts, Lora = lora,
            Options = new ArtifactOptions { Objective = Objective.Parse(losses, options) },
        });
        return artifacts;
    }

    static List<object> Pairs()
    {
        var tokenizer = ModelTokenizer.Load(SampleRun.Model);
        return
        [
            .. File.ReadLines(Path.Combine(SampleRun.Model, "data", "train.jsonl")).Take(5)
                .Select(line => JsonSerializer.Deserialize<PairText>(line, JsonSerializerOptions.Web)!)
                .Select(pair => new
                {
                    Prompt = tokenizer.Encode(pair.Prompt),
                    Chosen = tokenizer.EncodeContinuation(pair.Chosen),
                    Rejected = tokenizer.EncodeContinuation(pair.Rejected),
                }),
        ];
    }

    static double[] Numbers(JsonElement found, string name) => found.GetProperty(name).Deserialize<double[]>()!;
}
