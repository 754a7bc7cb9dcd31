using System.Text.Json.Nodes;

namespace OrtDpo.Pipeline.Tests.Fixtures;

/// <summary>Runs and an export of an earlier program: resumed, scored, exported, and asked, as if they were of today.</summary>
[Collection(nameof(MovesCurrentFolder))]
public sealed class OldRunTests(FirstSlice old) : IClassFixture<FirstSlice>
{
    [Fact]
    public void A_run_that_was_killed_half_way_is_resumed_to_the_weights_of_the_finished_one()
    {
        var output = old.Succeed(
            "train", "--model", "model", "--ref", "caches/pairs", "--max-steps", "8", "--save-steps", "4", "--eval-steps", "4",
            "--learning-rate", "1e-3", "--threads", "1", "--resume", "--out", "runs/half");
        Assert.Contains("resumed after step 4 of 8", output, StringComparison.Ordinal);
        Assert.DoesNotContain("resumed otherwise than before", output, StringComparison.Ordinal);
        RecordedNumbers.RequireSameMetrics(
            FirstSlice.Recorded("runs", "finished", "metrics.jsonl"), old.PathOf("runs/half/metrics.jsonl"));

        const string Weights = "checkpoints/step-8/model.safetensors";
        var expected = SafetensorsValues.Read(FirstSlice.Recorded("runs", "finished", Weights));
        var actual = SafetensorsValues.Read(old.PathOf($"runs/half/{Weights}"));
        AssertClose(expected, actual, Tolerances.ResumedWeights);
    }

    [Theory]
    [InlineData("finished")]
    [InlineData("feedback")]
    [InlineData("supervised")]
    public void A_finished_run_is_as_it_was_written(string run)
    {
        // In the repository itself: the copy's configuration has other paths.
        var verified = OrtDpoProgram.Run("verify", FirstSlice.Recorded("runs", run));
        Assert.Equal((0, ""), (verified.ExitCode, verified.Error));
        Assert.EndsWith("everything is as it was written\n", verified.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("finished")]
    [InlineData("feedback")]
    [InlineData("supervised")]
    public void Eval_of_an_old_run_prints_its_numbers(string run) => RecordedNumbers.RequireSame(
        File.ReadAllText(FirstSlice.Recorded("printed", $"eval-{run}.json")),
        old.Succeed("eval", "--run", $"runs/{run}", "--threads", "1", "--json"));

    [Theory]
    [InlineData("finished")]
    [InlineData("supervised")]
    public void An_old_run_is_exported_and_the_export_is_the_policy(string run)
    {
        var made = $"exported-{run}";
        old.Succeed("export", "--run", $"runs/{run}", "--threads", "1", "--out", made);
        var parity = JsonNode.Parse(File.ReadAllText(old.PathOf($"{made}/parity.json")))!;
        Assert.True((bool)parity["holds"]!);
        var recorded = JsonNode.Parse(File.ReadAllText(FirstSlice.Recorded("export", "parity.json")))!;
        Assert.Equal((int)recorded["pairs"]!, (int)parity["pairs"]!);
    }

    [Theory]
    [InlineData("export")]
    [InlineData("runs/finished/checkpoints/step-8")]
    public void An_old_export_and_an_old_checkpoint_speak_as_before(string model) => Assert.Equal(
        File.ReadAllText(FirstSlice.Recorded("printed", "generated.txt")),
        old.Succeed("generate", "--model", model, "--prompt", "7: apple door?", "--max-new-tokens", "24", "--threads", "1"));

    [Fact]
    public void An_export_of_today_speaks_as_the_old_one()
    {
        old.Succeed("export", "--run", "runs/finished", "--threads", "1", "--out", "speaking");
        Assert.Equal(
            File.ReadAllText(FirstSlice.Recorded("printed", "generated.txt")),
            old.Succeed("generate", "--model", "speaking", "--prompt", "7: apple door?", "--max-new-tokens", "24", "--threads", "1"));
    }
}
