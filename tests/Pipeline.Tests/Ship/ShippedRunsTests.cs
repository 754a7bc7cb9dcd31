using OrtDpo.Pipeline.Tests.Diagnoses;
using OrtDpo.Pipeline.Tests.Fixtures;
using OrtDpo.Training;

namespace OrtDpo.Pipeline.Tests.Ship;

/// <summary>
/// The release gate on runs that were really trained, with its usual thresholds: twenty good ones of all kinds ship, and six faulty ones
/// are blocked, each by the check that is meant. Their figures are in docs/ship.md. Of the good ones nothing is found while they train, and
/// of those that training made faulty the fault is (docs/diagnosis.md).
/// </summary>
[Trait("Speed", "long")]
public sealed class ShippedRunsTests(DemoRuns runs) : IClassFixture<DemoRuns>
{
    const string Full = "--max-steps 60 --learning-rate 1e-4";
    const string Lora = "--max-steps 60 --learning-rate 1e-3";

    [Theory]
    [InlineData("sigmoid", Full)]
    [InlineData("sigmoid-seed-1", Full + " --seed 1")]
    [InlineData("sigmoid-seed-2", Full + " --seed 2")]
    [InlineData("sigmoid-beta-0.3", Full + " --beta 0.3")]
    [InlineData("ipo", Full + " --loss ipo")]
    [InlineData("hinge", Full + " --loss hinge")]
    [InlineData("label-smoothing", Full + " --label-smoothing 0.1")]
    [InlineData("robust", Full + " --loss robust --label-smoothing 0.1")]
    [InlineData("apo-zero", Full + " --loss apo_zero")]
    [InlineData("mixed-with-sft", Full + " --loss sigmoid,sft:0.2")]
    [InlineData("lora-8", Lora + " --lora-rank 8")]
    [InlineData("lora-16", Lora + " --lora-rank 16 --seed 3")]
    public void A_good_run_on_pairs_ships(string name, string training) =>
        Ships(name, ["train", "--model", DemoRuns.Model, "--ref", runs.Cache("pairs"), .. training.Split(' ')]);

    [Theory]
    [InlineData("float16", "float32", "float16")]
    [InlineData("bfloat16", "bfloat16", "bfloat16")]
    public void A_good_run_ships_in_16_bits(string name, string saved, string exported) => Ships(
        name,
        ["train", "--model", DemoRuns.Model, "--ref", runs.Cache("pairs"), .. Full.Split(' '), "--seed", "5", "--save-dtype", saved],
        "--dtype", exported);

    [Fact]
    public void A_good_adapter_ships_beside_its_base() => Ships(
        "adapters", ["train", "--model", DemoRuns.Model, "--ref", runs.Cache("pairs"), .. Lora.Split(' '), "--lora-rank", "4"],
        "--adapters");

    [Fact]
    public void A_good_adapter_on_a_base_in_4_bits_ships() => Ships(
        "nf4",
        [
            "train", "--model", DemoRuns.Model, "--ref", runs.Cache("pairs", "nf4"), "--base", "nf4", .. Lora.Split(' '), "--lora-rank",
            "8",
        ]);

    [Theory]
    [InlineData("simpo", "--loss simpo --beta 2")]
    [InlineData("orpo", "--loss orpo --beta 0.1")]
    public void A_good_run_without_a_reference_ships(string name, string loss) => Ships(
        name, ["train", "--model", DemoRuns.Model, .. runs.Data("pairs"), .. Full.Split(' '), .. loss.Split(' ')]);

    [Fact]
    public void A_good_run_on_unpaired_feedback_ships() => Ships(
        "kto", ["train", "--model", DemoRuns.Model, "--ref", runs.Cache("feedback"), .. Full.Split(' '), "--loss", "kto"]);

    [Fact]
    public void A_good_supervised_run_ships() => Ships("sft", ["sft", "--model", DemoRuns.Model, .. runs.Data("rows"), .. Full.Split(' ')]);

    [Fact]
    public void Collapsed_chosen_rewards_are_blocked()
    {
        var (run, export) = runs.Train(
            "collapsed",
            ["train", "--model", DemoRuns.Model, "--ref", runs.Cache("near"), "--max-steps", "60", "--learning-rate", "2e-3"]);
        var shipped = Judge("collapsed", run, export);
        Assert.Contains("chosen_fall", shipped.That("blocked"));
        Assert.Equal(FindingSeverity.Warning, Diagnosed.Finding(run, "chosen_falls").Severity);
        // By pairs alone it is a success.
        Assert.Equal(["accuracy", "margin"], shipped.That("passed").Intersect(["accuracy", "margin"]));
        Assert.Equal(3, shipped.ExitCode);
    }

    [Fact]
    public void A_divergence_above_its_limit_is_blocked()
    {
        var (run, export) = runs.Train(
            "kl",
            [
                "train", "--model", DemoRuns.Model, "--ref", runs.Cache("pairs"), "--max-steps", "60", "--learning-rate", "2e-3", "--beta",
                "0.01",
            ]);
        var shipped = Judge("kl", run, export);
        Assert.Contains("kl", shipped.That("blocked"));
        Assert.Equal(FindingSeverity.Warning, Diagnosed.Finding(run, "kl_high").Severity);
        Assert.Contains("accuracy", shipped.That("passed"));
        Assert.Equal(3, shipped.ExitCode);
    }

    [Fact]
    public void An_accuracy_that_may_be_chance_is_blocked()
    {
        var (run, export) = runs.Train(
            "shuffled", ["train", "--model", DemoRuns.Model, "--ref", runs.Cache("shuffled"), .. Full.Split(' ')]);
        var shipped = Judge("shuffled", run, export);
        Assert.InRange((double)shipped.Check("accuracy")["low"]!, 0, 0.5);
        Assert.True(Diagnosed.Finding(run, "margin_at_zero").Holds);
        Assert.Contains("accuracy", shipped.That("blocked"));
        Assert.Equal(3, shipped.ExitCode);
    }

    [Fact]
    public void A_cache_that_became_stale_after_training_is_blocked()
    {
        // Of its own, since it is made anew: one answer is another one now.
        var cache = runs.Path("stale-ref");
        var data = runs.Path("stale-train.jsonl");
        File.Copy(runs.Data("pairs")[1], data);
        string[] precompute =
            ["precompute", "--model", DemoRuns.Model, "--data", data, "--eval-data", runs.Data("pairs")[3], "--out", cache];
        TinyPipeline.SucceedProcess(precompute);
        var (run, export) = runs.Train("stale", ["train", "--model", DemoRuns.Model, "--ref", cache, .. Full.Split(' ')]);
        Assert.Equal(0, Judge("stale-before", run, export, "--data", data).ExitCode);

        var lines = File.ReadAllLines(data);
        lines[7] = lines[8];
        File.WriteAllLines(data, lines);
        var changed = Judge("stale-data", run, export, "--data", data);
        Assert.Equal((3, "data"), (changed.ExitCode, string.Join(' ', changed.That("blocked"))));
        Directory.Delete(cache, recursive: true);
        TinyPipeline.SucceedProcess(precompute);
        var stale = Judge("stale", run, export);
        Assert.Equal((3, "cache"), (stale.ExitCode, string.Join(' ', stale.That("blocked"))));
        Assert.Contains("is not the cache that the run was trained on", stale.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_broken_export_is_blocked()
    {
        var (run, export) = runs.Train(
            "broken", ["train", "--model", DemoRuns.Model, "--ref", runs.Cache("pairs"), .. Full.Split(' '), "--seed", "7"]);
        Assert.Equal(0, Judge("broken-before", run, export).ExitCode);
        Weights.Change(
            Path.Combine(run, "checkpoints", "step-60"), "model.layers.1.mlp.down_proj.weight", Path.Combine(export, "model.onnx"));
        var shipped = Judge("broken", run, export);
        Assert.Equal((3, "export_files parity"), (shipped.ExitCode, string.Join(' ', shipped.That("blocked"))));
    }

    [Fact]
    public void A_wrong_tokenizer_is_blocked()
    {
        var (run, export) = runs.Train(
            "tokenizer", ["train", "--model", DemoRuns.Model, "--ref", runs.Cache("pairs"), .. Full.Split(' '), "--seed", "8"]);
        Assert.Equal(0, Judge("tokenizer-before", run, export).ExitCode);
        File.Copy(
            Repository.Find("tests", "golden", "text", "tiny", "trained.json"), Path.Combine(export, "tokenizer.json"), overwrite: true);
        var shipped = Judge("tokenizer", run, export);
        Assert.Equal((3, "export_files tokenizer"), (shipped.ExitCode, string.Join(' ', shipped.That("blocked"))));
    }

    void Ships(string name, IEnumerable<string> training, params string[] exporting)
    {
        var (run, export) = runs.Train(name, training, exporting);
        Assert.Empty(Diagnosed.Of(run).Findings);
        var shipped = Judge(name, run, export);
        Assert.Equal((0, ""), (shipped.ExitCode, shipped.Error));
    }

    // As a process, as it runs in a pipeline.
    static Shipped Judge(string name, string run, string export, params string[] more)
    {
        var shipped = Shipped.OfProcess([run, "--export", export, .. more]);
        Found.Keep($"ship/{name}.json", shipped.Report.ToJsonString());
        return shipped;
    }
}
