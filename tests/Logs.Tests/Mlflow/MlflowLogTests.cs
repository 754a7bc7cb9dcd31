using OrtDpo.Logs.Mlflow;
using OrtDpo.Runs;
using OrtDpo.Training;

namespace OrtDpo.Logs.Tests.Mlflow;

public sealed class MlflowLogTests : IDisposable
{
    static readonly TrainingEvent[] Whole =
    [
        LoggedRuns.Started(0), LoggedRuns.Evaluated(0, 0.7), LoggedRuns.Step(1, 0.69), LoggedRuns.Step(2, 0.1 + 0.2),
        LoggedRuns.Evaluated(2, 0.5),
    ];

    readonly MlflowTrial trial = new();

    [Fact]
    public void A_run_is_there_with_its_metrics_its_configuration_and_its_digests()
    {
        trial.Options = trial.Options with { Tags = new Dictionary<string, string> { ["team"] = "blue" } };
        trial.Run(RunEnding.Finished, Whole);
        Assert.Empty(trial.Server.Faults);
        Assert.Empty(trial.Notes);
        var (id, run) = Assert.Single(trial.Server.Runs);
        Assert.Equal(("my-run", "ortdpo", "FINISHED"), (run.Name, run.Experiment, run.Status));
        // Doubles arrive as they are.
        Assert.Equal([(1, 0.69), (2, 0.1 + 0.2)], run.Of("loss"));
        Assert.Equal([(0, 0.7), (2, 0.5)], run.Of("eval_loss"));
        Assert.Equal([(0, 0.75), (2, 0.75)], run.Of("eval_rewards/accuracies"));
        Assert.Equal([(1, 0.69 / 2), (2, (0.1 + 0.2) / 2)], run.Of("rewards/margins"));
        Assert.Equal(8, run.Metrics.Count);
        Assert.Equal(["adapter_config", "kind", "learning_rate", "model", "total_steps"], run.Params.Keys.Order());
        Assert.Equal(("train", "1.0E-06", "/models/\"größe\""), (run.Params["kind"], run.Params["learning_rate"], run.Params["model"]));
        Assert.Equal(new string('x', 247) + "…", run.Params["adapter_config"]);
        Assert.Equal(("0123abcd", "blue", "1.31.0"), (run.Tags["ortdpo.policy_digest"], run.Tags["team"], run.Tags["ortdpo.onnx_runtime"]));
        Assert.Equal(("ortdpo train", "LOCAL"), (run.Tags["mlflow.source.name"], run.Tags["mlflow.source.type"]));
        Assert.Equal(
            $"{{\n  \"server\": \"{trial.Server.Address}\",\n  \"experiment_id\": \"1\",\n  \"run_id\": \"{id}\"\n}}\n",
            File.ReadAllText(trial.RunFile));
    }

    [Fact]
    public void An_experiment_that_is_there_is_used_and_a_run_may_have_a_name_of_its_own()
    {
        trial.Server.AddExperiment("other");
        trial.Server.AddExperiment("mine & yours/ü");
        trial.Options = trial.Options with { Experiment = "mine & yours/ü", RunName = "first" };
        trial.Run(RunEnding.Finished, Whole);
        var run = Assert.Single(trial.Server.Runs).Value;
        Assert.Equal(("mine & yours/ü", "first"), (run.Experiment, run.Name));
        Assert.DoesNotContain("POST experiments/create", trial.Server.Calls);
    }

    [Theory]
    [InlineData(RunEnding.Failed, "FAILED")]
    [InlineData(RunEnding.Stopped, "KILLED")]
    public void A_run_that_did_not_come_to_its_end_says_so(RunEnding ending, string expected)
    {
        trial.Run(ending, Whole);
        Assert.Equal(expected, trial.Server.Runs.Single().Value.Status);
    }

    [Fact]
    public void A_run_that_nobody_ended_has_failed()
    {
        using (var log = trial.Begin())
        {
            log.Tell(LoggedRuns.Started(0));
        }

        Assert.Equal("FAILED", trial.Server.Runs.Single().Value.Status);
    }

    [Fact]
    public void A_resumed_run_goes_on_there_and_has_every_value_once()
    {
        trial.Run(RunEnding.Stopped, [.. Whole, LoggedRuns.Step(3, 3)]);
        trial.Run(
            RunEnding.Finished, LoggedRuns.Started(1), LoggedRuns.Step(2, 20), LoggedRuns.Evaluated(2, 50), LoggedRuns.Step(3, 30),
            LoggedRuns.Step(4, 40), LoggedRuns.Evaluated(4, 60));
        Assert.Empty(trial.Server.Faults);
        Assert.Empty(trial.Notes);
        var run = Assert.Single(trial.Server.Runs).Value;
        Assert.Equal([(1, 0.69), (2, 0.1 + 0.2), (3, 3), (4, 40)], run.Of("loss"));
        Assert.Equal([(0, 0.7), (2, 0.5), (4, 60)], run.Of("eval_loss"));
        Assert.Equal(["KILLED", "RUNNING", "FINISHED"], run.Statuses);
        Assert.Equal("1", run.Tags["ortdpo.resumed_after_step"]);
    }

    [Fact]
    public void Values_that_a_killed_process_did_not_send_are_sent_when_the_run_goes_on()
    {
        trial.Run(RunEnding.Stopped, LoggedRuns.Started(0), LoggedRuns.Evaluated(0, 0.7), LoggedRuns.Step(1, 1), LoggedRuns.Step(2, 2));
        LoggedRuns.WriteMetrics(
            trial.Folder, LoggedRuns.Evaluated(0, 0.7), (double[])[1, 2, double.NaN, 4],
            LoggedRuns.Evaluated(4, 0.5), (double[])[5, 6]);
        trial.Run(RunEnding.Finished, LoggedRuns.Started(4), LoggedRuns.Step(5, 50), LoggedRuns.Step(6, 60));
        var run = Assert.Single(trial.Server.Runs).Value;
        Assert.Equal([(1, 1), (2, 2), (3, double.NaN), (4, 4), (5, 50), (6, 60)], run.Of("loss"));
        Assert.Equal([(0, 0.7), (4, 0.5)], run.Of("eval_loss"));
        Assert.Empty(trial.Notes);
    }

    [Fact]
    public void A_run_that_had_no_server_before_is_there_from_its_first_step()
    {
        LoggedRuns.WriteMetrics(trial.Folder, LoggedRuns.Evaluated(0, 0.7), (double[])[1, 2]);
        trial.Run(RunEnding.Finished, LoggedRuns.Started(2), LoggedRuns.Step(3, 3));
        Assert.Equal([(1, 1), (2, 2), (3, 3)], Assert.Single(trial.Server.Runs).Value.Of("loss"));
    }

    [Fact]
    public void Metrics_that_cannot_be_read_are_said()
    {
        File.WriteAllText(Path.Combine(trial.Folder, MetricsFile.FileName), "{\"step\":1,\"loss\":1}\n{\"step\":\n");
        trial.Run(RunEnding.Finished, LoggedRuns.Started(2), LoggedRuns.Step(3, 3));
        Assert.StartsWith(
            $"mlflow: {trial.Server.Address} may lack values of steps up to 2: {trial.Folder}/metrics.jsonl line 2 is no line",
            Assert.Single(trial.Notes), StringComparison.Ordinal);
        Assert.Equal([(3, 3)], trial.Server.Runs.Single().Value.Of("loss"));
    }

    [Fact]
    public void A_resumed_run_that_the_server_lost_becomes_a_new_one()
    {
        trial.Run(RunEnding.Stopped, Whole);
        var lost = trial.Server.Runs.Single().Key;
        trial.Server.Runs.Clear();
        trial.Server.Runs.Add("other", new MlflowStandIn.KeptRun { Name = "other", Experiment = "ortdpo" });
        trial.Run(RunEnding.Finished, LoggedRuns.Started(2), LoggedRuns.Step(3, 3));
        Assert.Equal(
            $"mlflow: {trial.Server.Address} no longer has run {lost}, which this run was there; it becomes a new one.",
            Assert.Single(trial.Notes));
        Assert.Equal([(3, 3)], trial.Server.Runs.Last().Value.Of("loss"));
    }

    [Fact]
    public void A_resumed_run_that_was_deleted_becomes_a_new_one()
    {
        trial.Run(RunEnding.Stopped, Whole);
        trial.Server.Runs.Single().Value.Stage = "deleted";
        trial.Run(RunEnding.Finished, LoggedRuns.Started(2), LoggedRuns.Step(3, 3));
        Assert.Contains("is deleted; it becomes a new one.", Assert.Single(trial.Notes), StringComparison.Ordinal);
        Assert.Equal([(3, 3)], trial.Server.Runs.Last().Value.Of("loss"));
    }

    [Fact]
    public void A_run_that_begins_again_is_another_one_and_the_first_is_closed()
    {
        trial.Run(RunEnding.Stopped, Whole);
        trial.Config = LoggedRuns.Config().Add("beta", 0.2);
        trial.Server.Runs.Single().Value.Status = "RUNNING";
        trial.Run(RunEnding.Finished, Whole);
        Assert.Empty(trial.Server.Faults);
        Assert.Equal(["KILLED", "FINISHED"], trial.Server.Runs.Values.Select(run => run.Status));
    }

    [Fact]
    public void A_file_of_the_run_at_another_server_begins_a_new_one_here()
    {
        File.WriteAllText(trial.RunFile, """{"server":"http://elsewhere/","experiment_id":"7","run_id":"abc"}""");
        trial.Run(RunEnding.Finished, LoggedRuns.Started(2), LoggedRuns.Step(3, 3));
        Assert.Equal("FINISHED", Assert.Single(trial.Server.Runs).Value.Status);
        Assert.DoesNotContain("GET runs/get", trial.Server.Calls);
    }

    [Fact]
    public void Requests_hold_what_the_server_takes_and_no_more()
    {
        var config = LoggedRuns.Config();
        for (var i = 0; i < 250; i++)
        {
            config.Add($"entry (no {i}) {new string('n', 250)}", new string('ü', 300));
        }

        trial.Config = config;
        using (var log = trial.Begin())
        {
            log.Tell(LoggedRuns.Started(0));
            for (var step = 1; step <= 3; step++)
            {
                var line = new MetricsLine().Add("step", step);
                for (var i = 0; i < 1500; i++)
                {
                    line.Add($"{new string('ü', 200)}:{i}", i);
                }

                log.Tell(new TrainingEvent.StepDone(step, 3, Applied: true, line));
            }

            log.End(RunEnding.Finished);
        }

        Assert.Empty(trial.Server.Faults);
        Assert.Empty(trial.Notes);
        var run = trial.Server.Runs.Single().Value;
        Assert.Equal(255, run.Params.Count);
        Assert.Equal(1500, run.Metrics.Select(metric => metric.Key).Distinct().Count());
        Assert.Equal(4500, run.Metrics.Count);
    }

    [Fact]
    public void What_was_found_is_a_tag()
    {
        using (var log = trial.Begin())
        {
            log.Tell(LoggedRuns.Started(0));
            log.Tell(LoggedRuns.Found(7));
            log.End(RunEnding.Finished);
        }

        Assert.Equal("The loss is 0.6931 at every step.", trial.Server.Runs.Single().Value.Tags["ortdpo.diagnosis.loss_stuck"]);
        Assert.Empty(trial.Server.Faults);
    }

    [Fact]
    public void Numbers_that_are_not_finite_arrive()
    {
        trial.Run(
            RunEnding.Finished, LoggedRuns.Started(0), LoggedRuns.Step(1, double.NaN), LoggedRuns.Step(2, double.PositiveInfinity),
            LoggedRuns.Step(3, double.NegativeInfinity));
        Assert.Empty(trial.Server.Faults);
        Assert.Equal(
            [(1, double.NaN), (2, double.PositiveInfinity), (3, double.NegativeInfinity)], trial.Server.Runs.Single().Value.Of("loss"));
    }

    [Fact]
    public void Credentials_are_sent_and_written_nowhere()
    {
        trial.Options = trial.Options with { Credentials = MlflowCredentials.User("me", "a secret: ü") };
        trial.Run(RunEnding.Finished, Whole);
        // RFC 7617: user and password in UTF-8, with a colon between them.
        Assert.Equal("Basic " + Convert.ToBase64String("me:a secret: ü"u8), trial.Server.Authorization);
        trial.Options = trial.Options with { Credentials = MlflowCredentials.Token("abc.def") };
        trial.Server.Fails = (_, _) => Failing.Forbidden;
        trial.Run(RunEnding.Finished, Whole);
        Assert.Equal("Bearer abc.def", trial.Server.Authorization);
        Assert.All(
            [.. trial.Notes, .. Directory.GetFiles(trial.Folder).Select(File.ReadAllText), trial.Options.ToString()],
            text => Assert.DoesNotMatch("secret|abc\\.def|Basic|Bearer", text));
    }

    public void Dispose() => trial.Dispose();
}
