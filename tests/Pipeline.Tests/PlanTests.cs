using System.Text.Json.Nodes;

namespace OrtDpo.Pipeline.Tests;

public sealed class PlanTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_plan_adds_up_says_what_fits_and_measures_a_step()
    {
        var model = TinyModel.Write(folder.File("model"));
        var data = folder.Write("pairs.jsonl", TinyPairs.Lines(20));
        var text = TinyPipeline.Succeed("plan", "--model", model, "--data", data);
        Assert.Contains("train fits.\nprecompute fits.\n", text, StringComparison.Ordinal);
        Assert.Contains("activations: kept (as memory allows; --memory)", text, StringComparison.Ordinal);
        Assert.Contains("time: a micro-batch of ", text, StringComparison.Ordinal);

        var json = JsonNode.Parse(TinyPipeline.Succeed("plan", "--model", model, "--data", data, "--no-time", "--json"))!;
        Assert.Equal((20, true), ((int)json["rows"]!, (bool)json["fits"]!));
        Assert.Equal((int)json["layers"]!, (int)json["kept_layers"]!);
        Assert.Null(json["time"]);
        foreach (var stage in new[] { "precompute", "train" })
        {
            var parts = json[stage]!["parts"]!.AsObject().Sum(part => (long)part.Value!);
            // Blocks below 64 KiB are the C library's, and counted among the parts alone.
            var all = (long)json[stage]!["own_bytes"]! + (long)json[stage]!["mapped_bytes"]!;
            Assert.InRange(parts, all, all + (4 << 20));
        }
    }

    [Fact]
    public void Supervised_rows_need_no_reference()
    {
        var model = TinyModel.Write(folder.File("model"));
        var data = folder.Write("rows.jsonl", """{"prompt": "Say so. ", "completion": "So."}""");
        var text = TinyPipeline.Succeed("plan", "--model", model, "--data", data, "--no-time");
        Assert.DoesNotContain("precompute", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_cannot_fit_is_refused_before_it_leaves_anything_and_runs_where_it_is_forced()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "A limit on the data of a process is Linux's.");
        var model = TinyModel.Write(folder.File("model"));
        var data = folder.Write("pairs.jsonl", TinyPairs.Lines(20));
        var (cache, run) = (folder.File("ref"), folder.File("run"));
        string[] precompute = ["precompute", "--model", model, "--data", data, "--out", cache];
        var refused = Limited(precompute);
        Assert.Equal(1, refused.ExitCode);
        Assert.Matches(@"^Scoring needs \d+ MB of memory, and -?\d+ MB are left to it\. Its largest parts: .*\. ", refused.Error);
        Assert.Contains("Try a smaller --max-length; --force runs it all the same.", refused.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(cache));

        Assert.Equal(0, Limited([.. precompute, "--force"]).ExitCode);
        string[] train = ["train", "--model", model, "--ref", cache, "--out", run, "--max-steps", "1"];
        refused = Limited(train);
        Assert.Equal(1, refused.ExitCode);
        Assert.Matches(@"^The run needs \d+ MB of memory, and -?\d+ MB are left to it\.", refused.Error);
        Assert.False(Directory.Exists(run));
        var forced = Limited([.. train, "--force"]);
        Assert.Contains("activations: computed twice (as memory allows; --memory)", forced.Output, StringComparison.Ordinal);
    }

    // Enough for the program itself, and less beside it than a plan counts for it.
    static ProgramRun Limited(string[] arguments) =>
        ProgramRun.Of("prlimit", ["--data=160000000", "dotnet", OrtDpoProgram.Assembly, .. arguments]);
}
