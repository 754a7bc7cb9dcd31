using OrtDpo.Data.Cache;
using OrtDpo.Runs;

namespace OrtDpo.Cli.Tests.Train;

public sealed class ReferenceFreeTests
{
    [Fact]
    public void Simpo_trains_on_data_without_a_cache_and_keeps_their_tokens()
    {
        using var trial = new TrainingTrial();
        var run = TrainingTrial.Run(Arguments(trial, "run", Pairs(trial), "--max-steps", "8", "--eval-fraction", "0.3"));
        Assert.Equal("", run.Error);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("30 rows: 30 kept whole, 0 kept truncated, 0 dropped.", run.Output, StringComparison.Ordinal);
        Assert.Contains("step-0 gate: none; simpo,sft:0.5 has no reference", run.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(trial.PathOf("run"), "data", "rows.parquet")));
        var ledger = File.ReadAllText(Path.Combine(trial.PathOf("run"), "ledger.json"));
        var losses = trial.Numbers("run", "loss");
        Assert.True(losses[^1] < losses[0]);
        Assert.Equal(8, trial.Numbers("run", "nll_loss").Length);
        var config = File.ReadAllText(Path.Combine(trial.PathOf("run"), "config.yaml"));
        Assert.Contains("loss: \"simpo,sft:0.5\"\n", config, StringComparison.Ordinal);
        Assert.Contains("gamma: 0.5\n", config, StringComparison.Ordinal);

        var audit = RunAudit.Of(trial.PathOf("run"), ReferenceCache.DigestOf);
        Assert.Empty(audit.Faults);
        File.Delete(Path.Combine(trial.PathOf("run"), "ledger.json"));
        Assert.Contains(
            "ledger.json is missing",
            Assert.Single(RunAudit.Of(trial.PathOf("run"), ReferenceCache.DigestOf).Faults), StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(trial.PathOf("run"), "ledger.json"), ledger);

        var eval = TrainingTrial.Run("eval", "--run", trial.PathOf("run"), "--threads", $"{TrainingTrial.Threads}", "--json");
        Assert.Equal("", eval.Error);
        var found = System.Text.Json.JsonDocument.Parse(eval.Output).RootElement;
        AssertClose(trial.Numbers("run", "eval_loss")[^1], found.GetProperty("eval_loss").GetDouble(), Tolerances.Float32);
    }

    [Fact]
    public void A_resumed_run_needs_its_data_no_more_and_ends_as_one_that_was_not_interrupted()
    {
        using var trial = new TrainingTrial();
        var data = Pairs(trial);
        string[] options = ["--max-steps", "6", "--save-steps", "3", "--eval-fraction", "0.2"];
        Assert.Equal(0, TrainingTrial.Run(Arguments(trial, "whole", data, options)).ExitCode);
        Assert.Equal(0, TrainingTrial.Run(Arguments(trial, "cut", data, options)).ExitCode);
        trial.Forget("cut", step: 6);
        File.AppendAllText(data, "\n");
        var changed = TrainingTrial.Run(Arguments(trial, "cut", data, [.. options, "--resume"]));
        Assert.Equal(1, changed.ExitCode);
        Assert.Contains("pairs.jsonl has changed since", changed.Error, StringComparison.Ordinal);
        File.Delete(data);
        var resumed = TrainingTrial.Run(Arguments(trial, "cut", data, [.. options, "--resume"]));
        Assert.Equal("", resumed.Error);
        Assert.Contains("data: the run's own, tokenized when it was started", resumed.Output, StringComparison.Ordinal);
        trial.RequireSame("whole", "cut", step: 6);
    }

    [Fact]
    public void A_run_is_not_resumed_with_another_objective()
    {
        using var trial = new TrainingTrial();
        Assert.Equal(0, TrainingTrial.Run(trial.TrainArguments("run", "--max-steps", "1", "--label-smoothing", "0.1")).ExitCode);
        Refused("the run was started with loss \"sigmoid\", and this command has \"ipo\".", "--loss", "ipo");
        Refused("the run was started with label_smoothing 0.1, and this command has 0.2.", "--label-smoothing", "0.2");
        Refused("the run was started with label_smoothing 0.1, and this command has none.");

        void Refused(string message, params string[] options)
        {
            var run = TrainingTrial.Run(trial.TrainArguments("run", ["--max-steps", "1", "--resume", .. options]));
            Assert.Equal(1, run.ExitCode);
            Assert.Contains(message, run.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_diverged_run_skips_steps_counts_them_and_stops_after_five_in_a_row()
    {
        using var trial = new TrainingTrial();
        var run = TrainingTrial.Run(
            "train", "--model", trial.Model, "--ref", trial.Cache, "--out", trial.PathOf("run"), "--threads", $"{TrainingTrial.Threads}",
            "--learning-rate", "1e30", "--warmup-ratio", "0", "--epochs", "9");
        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith(
            "The gradient was not finite in steps 2 to 6. There is no checkpoint. Train again with a lower learning rate.",
            run.Error, StringComparison.Ordinal);
        Assert.Contains("step 2: the gradient is not finite; the update is skipped (1 so far)", run.Output, StringComparison.Ordinal);
        Assert.Equal([0, 1, 2, 3, 4, 5], trial.Numbers("run", "skipped_steps"));
    }

    static string[] Arguments(TrainingTrial trial, string run, string data, params string[] more) =>
    [
        "train", "--model", trial.Model, "--data", data, "--loss", "simpo,sft:0.5", "--beta", "2",
        "--out", trial.PathOf(run), "--learning-rate", "1e-3",
        "--max-length", "40", "--threads", $"{TrainingTrial.Threads}", .. more,
    ];

    static string Pairs(TrainingTrial trial) => trial.Write("pairs.jsonl", string.Concat(Enumerable.Range(0, 30).Select(i => $$"""
        {"prompt":"number {{i}}","chosen":" is {{(i % 2 == 0 ? "even" : "odd")}}","rejected":" is {{(i % 2 == 0 ? "odd" : "even")}}"}

        """)));
}
