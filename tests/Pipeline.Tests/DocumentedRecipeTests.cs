using System.Text.Json.Nodes;

namespace OrtDpo.Pipeline.Tests;

/// <summary>The recipes in the documents run as they stand, but for their paths and the GPU: each up to its first step.</summary>
public sealed class DocumentedRecipeTests : IDisposable
{
    static readonly string Model = Repository.Find("models", "demo");

    static readonly JsonNode[] Pairs60 =
        [.. File.ReadLines(Path.Combine(Model, "data", "train.jsonl")).Take(60).Select(line => JsonNode.Parse(line)!)];

    readonly TemporaryFolder folder = new();

    public static TheoryData<int> Recipes => [.. Enumerable.Range(0, DocumentedRecipes.All.Count)];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Recipes))]
    public void Each_recipe_begins(int number)
    {
        var recipe = DocumentedRecipes.All[number];
        List<string> typed = ["--model", Model, "--out", folder.File("out"), "--dry-run"];
        if (recipe.Text.Contains("\nref:", StringComparison.Ordinal))
        {
            typed.AddRange(["--ref", Cache(recipe.Text)]);
        }

        if (recipe.Text.Contains("\ndata:", StringComparison.Ordinal))
        {
            typed.AddRange(["--data", recipe.Verb == "sft" ? Supervised() : Pairs()]);
        }

        if (recipe.Text.Contains("\nmax_length:", StringComparison.Ordinal))
        {
            typed.AddRange(["--max-length", "128"]);
        }

        if (recipe.Text.Contains("\ndevice:", StringComparison.Ordinal))
        {
            typed.AddRange(["--device", "cpu", "--dtype", "float32"]);
        }

        var run = OrtDpoProgram.Run([recipe.Verb, "--config", folder.Write("recipe.yaml", recipe.Text), .. typed]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("dry run: nothing was written; ", run.Output, StringComparison.Ordinal);
        Assert.False(Path.Exists(folder.File("out")));
    }

    string Cache(string recipe)
    {
        var data = recipe.Contains("loss: kto", StringComparison.Ordinal) ? Feedback() : Pairs();
        string[] weights = recipe.Contains("\nbase: nf4", StringComparison.Ordinal) ? ["--base", "nf4"] : [];
        var made = OrtDpoProgram.Run(
            ["precompute", "--model", Model, "--data", data, "--eval-fraction", "0.2", "--out", folder.File("cache"), .. weights]);
        Assert.Equal((0, ""), (made.ExitCode, made.Error));
        return folder.File("cache");
    }

    string Pairs() => Written("pairs.jsonl", Pairs60);

    string Supervised() => Written("rows.jsonl", Pairs60.Select(pair => new JsonObject
    {
        ["prompt"] = (string)pair["prompt"]!, ["completion"] = (string)pair["chosen"]!,
    }));

    // Of every second pair the chosen completion, of the others the rejected one.
    string Feedback() => Written("feedback.jsonl", Pairs60.Select((pair, i) => new JsonObject
    {
        ["prompt"] = (string)pair["prompt"]!, ["completion"] = (string)pair[i % 2 == 0 ? "chosen" : "rejected"]!, ["label"] = i % 2 == 0,
    }));

    string Written(string name, IEnumerable<JsonNode> rows) =>
        folder.Write(name, string.Concat(rows.Select(row => row.ToJsonString() + "\n")));
}
