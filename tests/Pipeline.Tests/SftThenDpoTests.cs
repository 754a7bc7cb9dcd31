using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace OrtDpo.Pipeline.Tests;

/// <summary>
/// The commands of docs/sft-then-dpo.md in their order, on a tiny model, its pairs and a tenth of the steps: supervised, then preferences,
/// whole and with an adapter.
/// </summary>
public sealed partial class SftThenDpoTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_documented_commands_run_and_each_stage_starts_where_the_last_one_ended()
    {
        var model = TinyModel.Write(folder.File("model"));
        var before = File.ReadAllBytes(Path.Combine(model, "model.safetensors"));
        var train = folder.Write("train.jsonl", TinyPairs.Lines(40));
        var heldOut = folder.Write("heldout.jsonl", TinyPairs.Lines(12, seed: 4));
        // Prompts are numbered, and those of the held-out rows are others.
        File.WriteAllText(heldOut, File.ReadAllText(heldOut).Replace("\"prompt\":\"", "\"prompt\":\"other ", StringComparison.Ordinal));
        string[] commands =
        [
            .. ReadmeFile.BlocksOf("docs", "sft-then-dpo.md").SelectMany(block => Whole().Replace(block.Text, " ").Split('\n'))
                .Where(line => line.StartsWith("./ortdpo ", StringComparison.Ordinal)),
        ];
        Assert.True(commands.Length >= 10, "docs/sft-then-dpo.md shows both ways to the end.");
        var outputs = new List<(string Verb, string Output)>();
        foreach (var command in commands)
        {
            string[] arguments =
            [
                .. Word().Matches(Steps().Replace(command["./ortdpo ".Length..], "6")).Select(word => word.Value.Trim('"') switch
                {
                    "models/demo" => model,
                    "models/demo/data/train.jsonl" => train,
                    "models/demo/data/heldout.jsonl" => heldOut,
                    var place when Place().IsMatch(place) => folder.File(place),
                    var given => given,
                }),
            ];
            outputs.Add((arguments[0], TinyPipeline.Succeed([.. arguments])));
        }

        var adapter = Path.Combine(folder.File("SFT-LORA"), "checkpoints", "step-6");
        Assert.Equal(
            [
                $"next: ortdpo train --model {folder.File("SFT")}/checkpoints/step-6 --ref {folder.File("REF")} --out RUN",
                $"next: ortdpo train --model {model} --ref {folder.File("REF-LORA")} --adapter {adapter} --out RUN",
            ],
            outputs.Where(o => o.Verb == "precompute").Select(o => o.Output.TrimEnd().Split('\n')[^1]));

        // Both times the policy starts as the reference that the cache is of.
        var trained = outputs.Where(o => o.Verb == "train").Select(o => o.Output).ToList();
        Assert.Equal(2, trained.Count);
        Assert.All(trained, output => Assert.Contains("loss 0.693147, its base value", output, StringComparison.Ordinal));
        foreach (var run in (string[])["SFT", "SFT-LORA"])
        {
            var losses = Logged(run, "eval_loss");
            Assert.True(losses[^1] < losses[0], $"{run}: held-out loss {losses[0]} became {losses[^1]}.");
        }

        foreach (var run in (string[])["DPO", "DPO-LORA"])
        {
            AssertClose(Math.Log(2), Logged(run, "eval_loss")[0], Tolerances.BaseValueOfCache);
            Assert.True(Logged(run, "eval_rewards/margins")[^1] > 0);
        }

        Assert.Equal(before, File.ReadAllBytes(Path.Combine(model, "model.safetensors")));
    }

    double[] Logged(string run, string metric) =>
    [
        .. File.ReadLines(Path.Combine(folder.File(run), "metrics.jsonl"))
            .Select(line => JsonNode.Parse(line)![metric]).OfType<JsonNode>().Select(value => (double)value),
    ];

    // A line that ends in a backslash goes on in the next.
    [GeneratedRegex(@" \\\n +")]
    private static partial Regex Whole();

    [GeneratedRegex("\"[^\"]*\"|\\S+")]
    private static partial Regex Word();

    // In --max-steps and in the name of the last checkpoint.
    [GeneratedRegex(@"(?<=--max-steps |/step-)60\b")]
    private static partial Regex Steps();

    [GeneratedRegex(@"^[A-Z]+(-LORA)?(/.*)?$")]
    private static partial Regex Place();
}
