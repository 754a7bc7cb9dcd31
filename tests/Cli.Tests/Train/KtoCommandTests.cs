using System.Text.Json;

namespace OrtDpo.Cli.Tests.Train;

public sealed class KtoCommandTests
{
    [Fact]
    public void Kto_begins_at_its_base_value_and_parts_the_labels()
    {
        using var trial = new TrainingTrial(unpaired: true);
        var run = TrainingTrial.Run(
            trial.TrainArguments("run", "--loss", "kto", "--epochs", "8", "--batch-pairs", "6", "--micro-pairs", "2"));
        Assert.Equal("", run.Error);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("step-0 gate: passed on 32 rows; loss 0.500000, its base value", run.Output, StringComparison.Ordinal);
        Assert.Contains(
            "labels: 24 desirable, 12 undesirable; weighted, 2 to 1 (KTO's authors advise 1 to 1.33", run.Output, StringComparison.Ordinal);
        Assert.Contains("  kto is KTO, for ", run.Output, StringComparison.Ordinal);
        var losses = trial.Numbers("run", "loss");
        AssertClose(0.5, losses[0], Tolerances.BaseValueOfCache);
        Assert.True(losses[^6..].Average() < 0.42);
        Assert.Equal(6, trial.Numbers("run", "count/chosen")[0] + trial.Numbers("run", "count/rejected")[0]);
        Assert.All(trial.Numbers("run", "kl"), kl => Assert.True(kl >= 0));
        AssertClose(0, trial.Numbers("run", "eval_rewards/chosen")[0], Tolerances.BaseValueOfCache);
    }

    [Fact]
    public void A_run_is_scored_again_by_eval_to_the_numbers_of_its_log()
    {
        using var trial = new TrainingTrial(unpaired: true);
        var run = TrainingTrial.Run(
            trial.TrainArguments("run", "--loss", "kto", "--max-steps", "3", "--beta", "0.3", "--undesirable-weight", "1.5"));
        Assert.Equal(0, run.ExitCode);
        Assert.Contains(", as the cache's log-probabilities give it; largest difference", run.Output, StringComparison.Ordinal);
        var eval = TrainingTrial.Run("eval", "--run", trial.PathOf("run"), "--threads", $"{TrainingTrial.Threads}", "--json");
        Assert.Equal("", eval.Error);
        var found = JsonDocument.Parse(eval.Output).RootElement;
        foreach (var name in (string[])["eval_loss", "eval_kl", "eval_rewards/chosen", "eval_rewards/margins",
            "eval_logps/rejected", "eval_rows"])
        {
            AssertClose(trial.Numbers("run", name)[^1], found.GetProperty(name).GetDouble(), Tolerances.Float32, what: name);
        }
    }

    [Theory]
    [InlineData(true, "sigmoid", "holds single completions with labels, and sigmoid takes pairs.")]
    [InlineData(false, "kto", "holds pairs, and kto takes single completions with labels.")]
    public void A_cache_of_the_other_kind_is_refused(bool unpaired, string loss, string message)
    {
        using var trial = new TrainingTrial(unpaired: unpaired);
        var run = TrainingTrial.Run(trial.TrainArguments("run", "--loss", loss));
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(trial.PathOf("run")));
    }

    [Fact]
    public void A_resumed_run_ends_as_one_that_was_not_interrupted()
    {
        using var trial = new TrainingTrial(unpaired: true);
        string[] Arguments(string run) =>
            trial.TrainArguments(run, "--loss", "kto", "--max-steps", "6", "--save-steps", "3", "--batch-pairs", "5");
        Assert.Equal(0, TrainingTrial.Run(Arguments("whole")).ExitCode);
        Assert.Equal(0, TrainingTrial.Run(Arguments("cut")).ExitCode);
        trial.Forget("cut", step: 6);
        Assert.Equal(0, TrainingTrial.Run([.. Arguments("cut"), "--resume"]).ExitCode);
        trial.RequireSame("whole", "cut", step: 6);
    }
}
