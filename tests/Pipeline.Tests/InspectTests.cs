using System.IO.Compression;
using System.Text.Json.Nodes;

namespace OrtDpo.Pipeline.Tests;

public sealed class InspectTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Rows_add_up_the_plot_and_the_tokens_are_there_and_a_leak_is_told()
    {
        string model = TinyModel.Write(folder.File("model"));
        string data = folder.Write("pairs.jsonl", TinyPairs.Lines(20));
        string held = folder.Write("held.jsonl", TinyPairs.Lines(2));
        ProgramRun run = OrtDpoProgram.Run("inspect", "--model", model, "--data", data, "--eval-data", held);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("22 rows: 22 kept whole, 0 kept truncated, 0 dropped.", run.Output, StringComparison.Ordinal);
        Assert.Contains("█", run.Output, StringComparison.Ordinal);
        Assert.Contains("one pair as it is trained on (pairs.jsonl:1)", run.Output, StringComparison.Ordinal);
        Assert.Contains("leaked_prompts: 2 rows", run.Output, StringComparison.Ordinal);
        Assert.Contains("    held.jsonl:1, held.jsonl:2", run.Output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Real_pairs_add_up_and_decode_to_their_text()
    {
        string data = Path.Combine(SharedData.Folder("hh-rlhf"), "harmless-base-test.jsonl.gz");
        JsonNode found = Inspect("--model", SharedData.Folder("stories260K"), "--data", data);
        JsonNode ledger = found["ledger"]!;
        Assert.Equal(2312, (int)ledger["input"]!);
        Assert.Equal((int)ledger["input"]!, (int)ledger["kept_whole"]! + (int)ledger["kept_truncated"]! + (int)ledger["dropped"]!);
        int kept = (int)ledger["kept_whole"]! + (int)ledger["kept_truncated"]!;
        Assert.Equal(kept, found["lengths"]!["bins"]!.AsArray().Sum(bin => (int)bin!["prompt"]!));
        Assert.Equal(kept, (int)found["sources"]![0]!["kept"]!);

        // The first row of the file is whole at its beginning; what was cut is at the end of a completion.
        using var lines = new StreamReader(new GZipStream(File.OpenRead(data), CompressionMode.Decompress));
        JsonNode row = JsonNode.Parse(lines.ReadLine()!)!;
        string prompt = ((string)found["shown_text"]!["prompt"]!)["<s>".Length..].TrimStart(' ');
        Assert.StartsWith(prompt, (string)row["chosen"]!, StringComparison.Ordinal);
        Assert.StartsWith(prompt + (string)found["shown_text"]!["rejected"]!, (string)row["rejected"]!, StringComparison.Ordinal);
        Assert.All(found["shown"]!.AsArray(), token => Assert.Equal((string)token!["part"]! == "prompt" ? -100 : (int)token["id"]!, (int)token["label"]!));
    }

    static JsonNode Inspect(params string[] arguments)
    {
        ProgramRun run = OrtDpoProgram.Run(["inspect", .. arguments, "--json"]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        return JsonNode.Parse(run.Output)!;
    }
}
