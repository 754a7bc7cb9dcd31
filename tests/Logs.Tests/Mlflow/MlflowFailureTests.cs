using System.Diagnostics;
using OrtDpo.Logs.Mlflow;
using OrtDpo.Training;

namespace OrtDpo.Logs.Tests.Mlflow;

/// <summary>Whatever a server does, the run goes on, and what the server has not got is said.</summary>
public sealed class MlflowFailureTests : IDisposable
{
    readonly MlflowTrial trial = new();

    public static TheoryData<Failing> Passing =>
        [Failing.InternalError, Failing.TooManyRequests, Failing.Html, Failing.Drops, Failing.Stalls, Failing.AnswersHalf, Failing.NotJson];

    [Theory]
    [MemberData(nameof(Passing))]
    public void A_failure_that_passes_loses_nothing_whichever_call_it_meets(Failing failing)
    {
        // Every call fails at its first try.
        trial.Server.Fails = (before, _) => before % 2 == 0 ? failing : Failing.None;
        trial.Pacing = failing == Failing.Stalls ? MlflowTrial.Impatient : MlflowTrial.Fast;
        trial.Run(RunEnding.Finished, Steps(5));
        Assert.Empty(trial.Server.Faults);
        Assert.Empty(trial.Notes);

        // A call that was carried out and whose answer was lost is made again: there may be a run more, which has nothing.
        var run = trial.Server.Runs.Values.Last();
        Assert.Equal("FINISHED", run.Status);
        Assert.Equal(Enumerable.Range(1, 5).Select(step => ((long)step, (double)step)), run.Of("loss"));
    }

    [Theory]
    [InlineData(Failing.InternalError, "it answers 500, 'the store is away'")]
    [InlineData(Failing.TooManyRequests, "it answers 429, 'slow down'")]
    [InlineData(Failing.Html, "it answers with text/html in the place of JSON")]
    [InlineData(Failing.Stalls, "it does not answer within 0.5 s")]
    public void A_failure_that_lasts_is_said_once_and_once_what_was_lost(Failing failing, string expected)
    {
        trial.Pacing = MlflowTrial.Impatient with { EndWait = TimeSpan.FromSeconds(2) };
        trial.Server.Fails = (_, _) => failing;
        var watch = Stopwatch.StartNew();
        using (var log = trial.Begin())
        {
            Tell(log, Steps(5));
            Wait(() => trial.Server.Calls.Count > 3);
            Tell(log, LoggedRuns.Step(6, 6), LoggedRuns.Step(7, 7));
            log.End(RunEnding.Finished);
        }

        Assert.Equal(
            [
                $"mlflow: {trial.Server.Address} takes nothing: {expected}. The run goes on, and it is asked again until the run ends.",
                $"mlflow: 14 values of steps 1 to 7 are not at {trial.Server.Address}: {expected}. metrics.jsonl has them all.",
            ],
            trial.Notes);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), $"It took {watch.Elapsed}.");
    }

    [Fact]
    public void A_server_that_refuses_is_asked_once()
    {
        trial.Server.Fails = (_, _) => Failing.Forbidden;
        trial.Run(RunEnding.Finished, Steps(5));
        Assert.Equal(
            [
                $"mlflow: {trial.Server.Address} refuses the run: it answers 403, 'not you'. The run goes on without it.",
                $"mlflow: 10 values of steps 1 to 5 are not at {trial.Server.Address}: it answers 403, 'not you'. "
                    + "metrics.jsonl has them all.",
            ],
            trial.Notes);
        Assert.Single(trial.Server.Calls);
    }

    [Fact]
    public void A_batch_that_is_refused_is_counted_and_the_others_arrive()
    {
        using (var log = trial.Begin())
        {
            Tell(log, Steps(2));
            Wait(() => trial.Server.Runs.Count == 1 && trial.Server.Runs.Values.Single().Metrics.Count == 4);
            var refused = trial.Server.Calls.Count;
            trial.Server.Fails = (_, call) => call == "POST runs/log-batch" ? Failing.Forbidden : Failing.None;
            Tell(log, LoggedRuns.Step(3, 3));
            Wait(() => trial.Server.Calls.Count > refused);
            trial.Server.Fails = (_, _) => Failing.None;
            Tell(log, LoggedRuns.Step(4, 4));
            log.End(RunEnding.Finished);
        }

        Assert.Equal(
            $"mlflow: 2 values of step 3 are not at {trial.Server.Address}: it answers 403, 'not you'. metrics.jsonl has them all.",
            trial.Notes[^1]);
        Assert.Equal(2, trial.Notes.Count);
        Assert.Equal([(1, 1), (2, 2), (4, 4)], trial.Server.Runs.Values.Single().Of("loss"));
    }

    [Fact]
    public void A_server_that_is_away_and_comes_back_gets_everything()
    {
        trial.Server.Stop();
        using (var log = trial.Begin())
        {
            Tell(log, Steps(3));
            trial.Server.Start();
            Wait(() => trial.Server.Runs.Count == 1 && trial.Server.Runs.Values.Single().Metrics.Count == 6);
            trial.Server.Stop();
            Tell(log, LoggedRuns.Step(4, 4), LoggedRuns.Step(5, 5));
            trial.Server.Start();
            log.End(RunEnding.Finished);
        }

        Assert.DoesNotContain(trial.Notes, note => note.Contains("are not at", StringComparison.Ordinal));
        var run = trial.Server.Runs.Values.Single();
        Assert.Equal([(1, 1), (2, 2), (3, 3), (4, 4), (5, 5)], run.Of("loss"));
        Assert.Equal("FINISHED", run.Status);
    }

    [Fact]
    public void A_server_that_was_never_there_costs_the_loop_nothing_and_the_end_a_bounded_wait()
    {
        trial.Server.Stop();
        trial.Pacing = MlflowTrial.Fast with { EndWait = TimeSpan.FromMilliseconds(100) };
        using var log = trial.Begin();
        var watch = Stopwatch.StartNew();
        Tell(log, Steps(20_000));
        // The mean of many: a microsecond or so, where a call to the server takes a hundred times as long.
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"20,000 steps took {watch.Elapsed}.");
        watch.Restart();
        log.End(RunEnding.Finished);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"The end took {watch.Elapsed}.");
        Assert.StartsWith(
            $"mlflow: 40000 values of steps 1 to 20000 are not at {trial.Server.Address}: ", trial.Notes[^1], StringComparison.Ordinal);
        Assert.False(File.Exists(trial.RunFile));
    }

    [Fact]
    public void Values_beyond_the_room_for_them_are_counted()
    {
        trial.Pacing = MlflowTrial.Fast with { QueueLength = 10 };
        trial.Server.Stop();
        using (var log = trial.Begin())
        {
            Tell(log, Steps(100));
            trial.Server.Start();
            log.End(RunEnding.Finished);
        }

        // One request's worth may have been taken from the queue before it was full.
        var kept = trial.Server.Runs.Values.Single().Metrics.Count;
        Assert.Matches(
            $"^mlflow: {200 - kept} values of steps [0-9]+ to 100 are not at {trial.Server.Address}: "
            + "it fell behind by more than there is room for. metrics.jsonl has them all.$", trial.Notes[^1]);
    }

    [Fact]
    public void A_deleted_experiment_is_named_with_what_to_do()
    {
        trial.Server.AddExperiment("ortdpo", "deleted");
        trial.Run(RunEnding.Finished, Steps(1));
        Assert.StartsWith(
            $"mlflow: {trial.Server.Address} refuses the run: its experiment 'ortdpo' is deleted; restore it there, "
                + "or give another with `Experiment`.",
            trial.Notes[0], StringComparison.Ordinal);
    }

    [Fact]
    public void An_experiment_that_another_run_makes_at_the_same_moment_is_used()
    {
        trial.Server.Fails = (_, call) =>
        {
            if (call == "POST experiments/create")
            {
                trial.Server.AddExperiment("ortdpo");
            }

            return Failing.None;
        };
        trial.Run(RunEnding.Finished, Steps(1));
        Assert.Equal(("ortdpo", "FINISHED"), (trial.Server.Runs.Values.Single().Experiment, trial.Server.Runs.Values.Single().Status));
        Assert.Empty(trial.Notes);
    }

    public void Dispose() => trial.Dispose();

    static TrainingEvent[] Steps(int count) =>
        [LoggedRuns.Started(0), .. Enumerable.Range(1, count).Select(step => LoggedRuns.Step(step, step))];

    static void Tell(MlflowLog log, params TrainingEvent[] told)
    {
        foreach (var one in told)
        {
            log.Tell(one);
        }
    }

    static void Wait(Func<bool> until) =>
        Assert.True(SpinWait.SpinUntil(until, TimeSpan.FromSeconds(60)), "What was waited for did not come.");
}
