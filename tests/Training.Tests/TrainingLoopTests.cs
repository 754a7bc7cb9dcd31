using System.Text.Json;

namespace OrtDpo.Training.Tests;

public sealed partial class TrainingLoopTests
{
    [Fact]
    public void The_first_loss_is_the_logarithm_of_two_and_training_lowers_it()
    {
        using var trial = new RunTrial();
        trial.Run(TrainingRows.Engine(), RunTrial.Options with { Epochs = 10 }, startsAsReference: true);
        var losses = Numbers(trial, "loss");
        Assert.Equal(50, losses.Length);
        AssertClose(Math.Log(2), losses[0], Tolerances.Float32);
        Assert.True(losses[^5..].Average() < 0.4);
        Assert.Single(trial.Events.OfType<TrainingEvent.GatePassed>());
        var accuracies = Numbers(trial, "eval_rewards/accuracies");
        Assert.Equal(0, accuracies[0]);
        Assert.Equal(1, accuracies[^1]);
        Assert.Equal(1, Numbers(trial, "eval_rewards/ties")[0]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(null)]
    public void Micro_batches_of_any_size_give_the_same_run(int? microPairs)
    {
        using var one = new RunTrial();
        using var other = new RunTrial();
        one.Run(TrainingRows.Engine(), RunTrial.Options with { BatchPairs = 8, MicroPairs = 8, Epochs = 4 });
        other.Run(TrainingRows.Engine(), RunTrial.Options with { BatchPairs = 8, MicroPairs = microPairs, Epochs = 4 });
        foreach (var name in (string[])["loss", "grad_norm", "rewards/margins"])
        {
            var (a, b) = (Numbers(one, name), Numbers(other, name));
            AssertClose(a, b, Tolerances.Float64, what: name);
            // A drift to one side is a fault also where every point is within its bound.
            AssertClose(0, a.Zip(b, (x, y) => x - y).Average(), Tolerances.Float64 / 10, what: name);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public void Supervised_rows_weigh_by_tokens_whatever_the_micro_batch(int microPairs)
    {
        using var trial = new RunTrial();
        var rows = TrainingRows.Supervised(8);
        using var untouched = TrainingRows.Engine();
        trial.Run(
            TrainingRows.Engine(),
            RunTrial.Options with { BatchPairs = 8, MicroPairs = microPairs, Epochs = 3 },
            rows,
            FormulaLoss.Supervised());
        // The mean over all tokens of the step, by hand.
        var logps = rows.SelectMany(r => untouched.TokenLogps(r.Tokens.Prompt, r.Tokens.Completions[0])).ToArray();
        AssertClose(-logps.Average(l => (double)l), Numbers(trial, "loss")[0], Tolerances.Float64);
        Assert.True(Numbers(trial, "loss")[^1] < Numbers(trial, "loss")[0]);
    }

    [Fact]
    public void A_step_without_a_finite_gradient_is_skipped_counted_and_not_numbered()
    {
        using var trial = new RunTrial();
        var engine = new BigramEngine(TrainingRows.Vocabulary) { FakeNorm = update => update is 2 or 3 ? double.NaN : null };
        var state = trial.Run(engine);
        Assert.Equal(2, state.SkippedSteps);
        Assert.Equal([1, 2, 2, 2, 3, 4, 5, 6, 7, 8], engine.Updates.Select(u => u.Number));
        Assert.Equal([0, 1, 2, 2, 2, 2, 2, 2, 2, 2], Numbers(trial, "skipped_steps"));
        Assert.Equal([true, false, false, true], trial.Events.OfType<TrainingEvent.StepDone>().Take(4).Select(e => e.Applied));
        Assert.Equal(JsonValueKind.Null, Property(trial, "grad_norm").ElementAt(1).ValueKind);
    }

    [Fact]
    public void Five_skipped_steps_in_a_row_stop_the_run_and_name_the_last_checkpoint()
    {
        using var trial = new RunTrial();
        var engine = new BigramEngine(TrainingRows.Vocabulary) { FakeNorm = update => update >= 4 ? double.PositiveInfinity : null };
        var fault = Assert.Throws<InvalidDataException>(() => trial.Run(engine));
        Assert.StartsWith("The gradient was not finite in steps 4 to 8. The last checkpoint is ", fault.Message, StringComparison.Ordinal);
        Assert.Contains("step-6", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Four_skipped_steps_before_a_checkpoint_count_towards_the_five_after_it()
    {
        using var trial = new RunTrial();
        BigramEngine Failing() => new(TrainingRows.Vocabulary) { FakeNorm = _ => double.NaN };
        var dying = new BigramEngine(TrainingRows.Vocabulary)
        {
            FakeNorm = update => update > 4 ? throw new KillException() : double.NaN,
        };
        Assert.Throws<KillException>(() => trial.Run(dying));
        var fault = Assert.Throws<InvalidDataException>(() => trial.Run(Failing()));
        Assert.Contains("in steps 1 to 5", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_step_has_the_names_that_trl_uses()
    {
        using var trial = new RunTrial();
        trial.Run(TrainingRows.Engine());
        var lines = trial.MetricsLines()
            .Select(l => JsonDocument.Parse(l).RootElement.EnumerateObject().Select(p => p.Name).ToArray())
            .ToArray();
        Assert.Equal(
            [
                "step", "epoch", "loss", "rewards/chosen", "rewards/rejected", "rewards/margins", "rewards/accuracies", "rewards/ties",
                "logps/chosen", "logps/rejected", "preference_accuracy", "kl_k1", "kl_k3", "mean_log_ratio", "grad_norm",
                "learning_rate", "skipped_steps", "num_tokens", "tokens_per_second",
            ],
            lines[1]);
        Assert.Equal(["step", "eval_loss", "eval_rewards/chosen"], lines[0][..3]);
        // Evaluations before the first step, after 3, 6, 9 and after the last.
        Assert.Equal(5, lines.Count(l => l.Contains("eval_loss")));
    }

    static IEnumerable<JsonElement> Property(RunTrial trial, string name)
    {
        foreach (var line in trial.MetricsLines())
        {
            if (JsonDocument.Parse(line).RootElement.TryGetProperty(name, out var value))
            {
                yield return value;
            }
        }
    }

    static double[] Numbers(RunTrial trial, string name) => [.. Property(trial, name).Select(v => v.GetDouble())];
}
