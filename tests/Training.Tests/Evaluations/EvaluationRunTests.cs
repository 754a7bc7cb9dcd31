using System.Text.Json;
using OrtDpo.Runs;

namespace OrtDpo.Training.Tests.Evaluations;

/// <summary>Whole runs that evaluate: what that leaves untouched, which checkpoint it keeps, when it ends a run.</summary>
public sealed class EvaluationRunTests
{
    // Ten steps; evaluations after 3, 6, 9 and 10, whose loss falls.
    static readonly TrainingOptions Options = RunTrial.Options;

    // The highest loss: the first evaluation is the best, and none after it.
    static readonly EvaluationOptions Rising = new() { MetricForBest = "eval_loss", GreaterIsBetter = true };

    [Fact]
    public void Evaluation_moves_no_weight_and_no_number_of_a_step()
    {
        using var never = Run(Options with { Evaluation = new() { EvalStrategy = EvaluationTimes.No } });
        using var every = Run(Options with { EvalSteps = 1, Evaluation = new() { KeepBest = true } }, Greedy);
        using var epoch = Run(Options with { Evaluation = new() { EvalStrategy = EvaluationTimes.Epoch } });
        foreach (var file in (string[])["model.safetensors", "optimizer.safetensors"])
        {
            var expected = Bytes(never, file);
            Assert.Equal(expected, Bytes(every, file));
            Assert.Equal(expected, Bytes(epoch, file));
        }

        Assert.Equal(never.MetricsLines(), Steps(every));
        Assert.Equal(never.MetricsLines(), Steps(epoch));
        Assert.Empty(never.Events.OfType<TrainingEvent.Evaluated>());
        Assert.Equal(Enumerable.Range(0, 11), every.Events.OfType<TrainingEvent.Evaluated>().Select(e => e.Step));
        Assert.Equal([0, 5, 10], epoch.Events.OfType<TrainingEvent.Evaluated>().Select(e => e.Step));
        Assert.False(File.Exists(Path.Combine(never.Folder, SamplesFile.FileName)));
        Assert.False(File.Exists(Path.Combine(epoch.Folder, BestCheckpoint.FileName)));
    }

    [Fact]
    public void The_best_evaluation_leaves_a_checkpoint_that_stays()
    {
        using var trial = Run(Options with { Evaluation = Rising });
        var best = BestCheckpoint.Find(trial.Folder)!;
        // Not a step of saving, and older than the last two.
        Assert.Equal(3, best.Step);
        Assert.Equal("checkpoints/step-3", best.Checkpoint);
        Assert.Equal("eval_loss", best.Metric);
        Assert.True(best.GreaterIsBetter);
        Assert.Equal(Logged(trial, "eval_loss")[1], best.Value);
        Assert.Equal([3, 8, 10], new Checkpoints(trial.Folder).Steps());
        Assert.Equal(3, new Checkpoints(trial.Folder).Steps()[0]);
        Assert.Equal([3], trial.Events.OfType<TrainingEvent.BestFound>().Select(e => e.Step));
    }

    [Fact]
    public void A_better_one_takes_its_place_and_the_older_checkpoint_goes()
    {
        using var trial = Run(Options with { Evaluation = new() { KeepBest = true } });
        var losses = Logged(trial, "eval_loss");
        Assert.Equal(losses.Order().Reverse(), losses);
        Assert.Equal(10, BestCheckpoint.Find(trial.Folder)!.Step);
        Assert.Equal(losses[^1], BestCheckpoint.Find(trial.Folder)!.Value);
        Assert.Equal([3, 6, 9, 10], trial.Events.OfType<TrainingEvent.BestFound>().Select(e => e.Step));
        Assert.Equal([9, 10], new Checkpoints(trial.Folder).Steps());
    }

    [Fact]
    public void A_run_ends_once_patience_does_and_stays_ended_until_it_is_given_more()
    {
        var patient = Rising with { EarlyStoppingPatience = 2 };
        using var trial = new RunTrial();
        var state = trial.Run(TrainingRows.Engine(), Options with { Evaluation = patient });
        // No better after 6 and 9.
        Assert.Equal(9, state.Step);
        Assert.Equal([3, 8, 9], new Checkpoints(trial.Folder).Steps());
        var end = Assert.Single(trial.Events.OfType<TrainingEvent.NothingBetter>());
        Assert.Equal((9, "eval_loss", 2, (int?)3), (end.Step, end.Metric, end.Evaluations, end.BestStep));

        var files = trial.Contents();
        Assert.Equal(9, trial.Run(TrainingRows.Engine(), Options with { Evaluation = patient }).Step);
        Assert.Equal(files, trial.Contents());
        Assert.True(trial.Events.OfType<TrainingEvent.Started>().Last().IsOver);

        var more = Options with { Evaluation = patient with { EarlyStoppingPatience = 3 } };
        using var whole = new RunTrial();
        Assert.Equal(10, whole.Run(TrainingRows.Engine(), more).Step);
        Assert.Equal(10, trial.Run(TrainingRows.Engine(), more).Step);
        // The end that was none left a checkpoint more.
        Assert.Equal(Whole(whole), Whole(trial));
    }

    [Fact]
    public void A_run_with_best_patience_and_answers_that_dies_at_any_file_operation_resumes_to_the_same_files()
    {
        // The best after the first step, the end after the third.
        var options = Options with { EvalSteps = 1, Evaluation = Rising with { EarlyStoppingPatience = 2 } };
        var points = 0;
        using var whole = new RunTrial { Answers = Greedy };
        CrashPoint.Watch(_ => points++);
        whole.Run(TrainingRows.Engine(), options);
        CrashPoint.Watch(null);
        var expected = whole.Contents();
        Assert.Contains(BestCheckpoint.FileName, expected.Keys);
        Assert.Contains(SamplesFile.FileName, expected.Keys);
        Assert.Equal([1, 2, 3], new Checkpoints(whole.Folder).Steps());
        for (var fatal = 0; fatal < points; fatal++)
        {
            using var trial = new RunTrial { Answers = Greedy };
            var point = 0;
            CrashPoint.Watch(_ =>
            {
                if (point++ == fatal)
                {
                    throw new KillException();
                }
            });
            Assert.Throws<KillException>(() => trial.Run(TrainingRows.Engine(), options));
            CrashPoint.Watch(null);
            trial.Run(TrainingRows.Engine(), options);
            Assert.Equal(expected, trial.Contents());
        }
    }

    [Fact]
    public void A_run_that_dies_while_it_answers_has_each_answer_once()
    {
        using var whole = Run(Options, Greedy);
        var expected = File.ReadAllText(Path.Combine(whole.Folder, SamplesFile.FileName));
        Assert.Equal(
            [0, 3, 6, 9, 10],
            expected.Split('\n')[..^1].Select(line => JsonDocument.Parse(line).RootElement.GetProperty("step").GetInt32()).Distinct());
        for (var fatal = 0; fatal < 5; fatal++)
        {
            var asked = 0;
            using var trial = new RunTrial { Answers = engine => asked++ == fatal ? throw new KillException() : Greedy(engine) };
            Assert.Throws<KillException>(() => trial.Run(TrainingRows.Engine(), Options));
            // A line that a kill cut.
            File.AppendAllText(Path.Combine(trial.Folder, SamplesFile.FileName), "{\"step\":3,\"pro");
            trial.Run(TrainingRows.Engine(), Options);
            Assert.Equal(expected, File.ReadAllText(Path.Combine(trial.Folder, SamplesFile.FileName)));
        }
    }

    [Fact]
    public void A_run_that_is_stopped_while_it_answers_makes_the_evaluation_once_when_it_goes_on()
    {
        using var whole = Run(Options, Greedy);
        for (var at = 0; at < 5; at++)
        {
            using var stop = new CancellationTokenSource();
            var asked = 0;
            using var trial = new RunTrial
            {
                Answers = engine =>
                {
                    if (asked++ == at)
                    {
                        stop.Cancel();
                        stop.Token.ThrowIfCancellationRequested();
                    }

                    return Greedy(engine);
                },
            };
            Assert.Throws<OperationCanceledException>(() => trial.Run(TrainingRows.Engine(), Options, stop: stop));
            trial.Run(TrainingRows.Engine(), Options);
            foreach (var file in (string[])[SamplesFile.FileName, MetricsFile.FileName])
            {
                Assert.Equal(
                    File.ReadAllText(Path.Combine(whole.Folder, file)), File.ReadAllText(Path.Combine(trial.Folder, file)));
            }

            Assert.Equal(Bytes(whole, "model.safetensors"), Bytes(trial, "model.safetensors"));
        }
    }

    [Fact]
    public void A_metric_that_no_evaluation_has_is_refused_before_anything_is_logged()
    {
        using var trial = new RunTrial();
        var refused = Assert.Throws<InvalidDataException>(() => trial.Run(
            TrainingRows.Engine(), Options with { Evaluation = new() { MetricForBest = "eval_hard_loss" } }));
        Assert.Contains("has no eval_hard_loss", refused.Message, StringComparison.Ordinal);
        Assert.Contains("it has eval_loss, eval_rewards/chosen", refused.Message, StringComparison.Ordinal);
        Assert.Empty(trial.MetricsLines());
    }

    [Fact]
    public void A_best_checkpoint_needs_rows_that_are_held_out()
    {
        var refused = Assert.Throws<InvalidDataException>(
            () => new TrainingPlan(Options with { Evaluation = Rising }, TrainingRows.Pairs(5), []));
        Assert.StartsWith("No rows are held out", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_held_out_rows_prompts_are_answered_all_the_same()
    {
        using var trial = new RunTrial();
        var asked = 0;
        new TrainingLoop(
            TrainingRows.Engine(), FormulaLoss.Sigmoid(), new TrainingPlan(Options, TrainingRows.Pairs(18), []), trial.Folder,
            new TickingTime())
        {
            Answers = _ =>
            {
                asked++;
                return [];
            },
        }.Run();
        Assert.Equal(5, asked);
        Assert.Empty(Logged(trial, "eval_loss"));
    }

    static RunTrial Run(TrainingOptions options, Func<BigramEngine, IReadOnlyList<SampledAnswer>>? answers = null)
    {
        var trial = new RunTrial { Answers = answers };
        trial.Run(TrainingRows.Engine(), options);
        return trial;
    }

    // The likeliest token behind each of three, which changes as the table does.
    static List<SampledAnswer> Greedy(BigramEngine engine) =>
    [
        .. Enumerable.Range(1, 3).Select(token =>
        {
            var row = engine.Weights.Slice(token * TrainingRows.Vocabulary, TrainingRows.Vocabulary).ToArray();
            return new SampledAnswer($"{token}", $"{row.IndexOf(row.Max())} ({row.Max():R})", 1, IsEnded: false);
        }),
    ];

    static byte[] Bytes(RunTrial trial, string file) => File.ReadAllBytes(Path.Combine(trial.Folder, "checkpoints", "step-10", file));

    static string[] Steps(RunTrial trial) => [.. trial.MetricsLines().Where(line => !line.Contains("eval_", StringComparison.Ordinal))];

    static double[] Logged(RunTrial trial, string name) =>
    [
        .. trial.MetricsLines().Select(line => JsonDocument.Parse(line).RootElement)
            .Where(line => line.TryGetProperty(name, out _)).Select(line => line.GetProperty(name).GetDouble()),
    ];

    static Dictionary<string, string> Whole(RunTrial trial) => trial.Contents()
        .Where(file => !file.Key.Contains("step-8", StringComparison.Ordinal) && !file.Key.Contains("step-9", StringComparison.Ordinal))
        .ToDictionary();

    sealed class KillException : Exception;
}
