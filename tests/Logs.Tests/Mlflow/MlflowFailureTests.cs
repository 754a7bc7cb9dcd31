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
            [
                $"mlflow: {trial.Server.Address} refuses a part of the run: it answers 403, 'not you'. The run goes on.",
                $"mlflow: 2 values of step 3 are not at {trial.Server.Address}: it answers 403, 'not you'. metrics.jsonl has them all.",
            ],
            trial.Notes);
        Assert.Equal([(1, 1), (2, 2), (4, 4)], trial.Server.Runs.Values.Single().Of("loss"));
    }

    [Fact]
    public void A_refusal_is_said_at_once_after_a_failure_that_was_said()
    {
        trial.Pacing = MlflowTrial.Impatient;
        trial.Server.Fails = (_, _) => Failing.InternalError;
        using var log = trial.Begin();
        Tell(log, Steps(1));
        Wait(() => Said("takes nothing"));
        trial.Server.Fails = (_, _) => Failing.Forbidden;
        Wait(() => Said("refuses the run: it answers 403, 'not you'. The run goes on without it."));

        bool Said(string sentence)
        {
            log.Tell(LoggedRuns.Step(2, 2));
            return trial.Notes.Exists(note => note.Contains(sentence, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Values_of_a_resumed_run_that_the_server_had_are_not_among_the_lost()
    {
        trial.Run(RunEnding.Stopped, Steps(3));
        LoggedRuns.WriteMetrics(trial.Folder, (double[])[1, 2]);
        FailMetrics();
        trial.Run(RunEnding.Finished, LoggedRuns.Started(2), LoggedRuns.Step(3, 3), LoggedRuns.Step(4, 4));
        Assert.StartsWith($"mlflow: 2 values of step 4 are not at {trial.Server.Address}: ", trial.Notes[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Values_from_before_a_resume_that_could_not_be_sent_are_among_the_lost()
    {
        trial.Run(RunEnding.Stopped, Steps(3));
        LoggedRuns.WriteMetrics(trial.Folder, Enumerable.Range(1, 400).Select(step => (double)step).ToArray());
        FailMetrics();
        trial.Run(RunEnding.Finished, LoggedRuns.Started(400), LoggedRuns.Step(401, 401));
        // Loss and margin of each step that it has not from before.
        Assert.StartsWith(
            $"mlflow: {2 * (401 - 3)} values of steps 4 to 401 are not at {trial.Server.Address}: ", trial.Notes[^1],
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_the_server_never_took_is_not_said_to_be_there()
    {
        trial.Server.Fails = (_, _) => Failing.Forbidden;
        trial.Run(RunEnding.Failed, LoggedRuns.Started(0));
        Assert.Equal(
            $"mlflow: {trial.Server.Address} has not taken the run: it answers 403, 'not you'.", trial.Notes[^1]);
    }

    [Fact]
    public void A_file_of_the_run_there_that_cannot_be_read_is_said_and_the_run_goes_on()
    {
        trial.Run(RunEnding.Stopped, Steps(2));
        using (new FileStream(trial.RunFile, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            trial.Run(RunEnding.Finished, LoggedRuns.Started(2), LoggedRuns.Step(3, 3));
        }

        Assert.Matches($"^mlflow: .*mlflow.json.*\\. The run becomes a new one at {trial.Server.Address}\\.$", trial.Notes[0]);
        Assert.Equal([(3, 3)], trial.Server.Runs.Last().Value.Of("loss"));
    }

    [Fact]
    public void A_server_may_ask_for_a_pause_in_seconds_or_until_a_date_of_its_clock()
    {
        var now = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
        Assert.Equal(TimeSpan.FromSeconds(7), MlflowServer.Asked(new(TimeSpan.FromSeconds(7)), now));
        Assert.Equal(TimeSpan.FromSeconds(9), MlflowServer.Asked(new(now.AddSeconds(9)), now));
        Assert.Null(MlflowServer.Asked(new(now.AddSeconds(9)), null));
        Assert.Null(MlflowServer.Asked(null, now));
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

    // What begins the run there is taken, and no metric.
    void FailMetrics()
    {
        trial.Pacing = MlflowTrial.Fast with { EndWait = TimeSpan.FromSeconds(1) };
        var batches = 0;
        // A resumed run first says so, and sends its params.
        trial.Server.Fails = (_, call) => call == "POST runs/log-batch" && ++batches > 2 ? Failing.InternalError : Failing.None;
    }

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
