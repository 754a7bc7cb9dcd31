using System.Collections.Concurrent;
using System.Globalization;
using OrtDpo.Runs;
using OrtDpo.Training;

namespace OrtDpo.Logs.Mlflow;

/// <summary>
/// The run on an MLflow server: its metrics, its configuration as params, versions and digests as tags. Values wait in a queue and are
/// sent by a task of their own, so that a server that is slow, fails or vanishes costs the loop nothing; what it has not got in the end is
/// said once. <c>mlflow.json</c> in the run's folder has the run's id there, under which a resumed run goes on.
/// </summary>
public sealed class MlflowLog : IRunLog
{
    // A request takes 1,000 and a megabyte: half as many fit however long their names are.
    const int MetricsInRequest = 500;

    // One failure is a pause for breath of the server or the network.
    const int FailuresThatAreSaid = 3;

    readonly LoggedRun run;
    readonly MlflowOptions options;
    readonly MlflowPacing pacing;
    readonly TimeProvider time;
    readonly Action<string> note;
    readonly MlflowQueue queue;
    readonly MlflowServer server;
    readonly CancellationTokenSource stop = new();
    readonly ConcurrentQueue<string> notes = new();
    readonly ConcurrentQueue<Finding> findings = new();

    // Used by the loop's thread alone.
    readonly MlflowLoss unqueued = new();
    Task? sending;
    bool hasEnded;

    // Used by the sender while it runs, and by the loop's thread after it.
    readonly MlflowLoss unsent = new();
    string? reason;
    bool isClosed;
    bool hasSaidFailure;

    // Set before the queue ends, read after it.
    RunEnding ending;

    /// <summary>A log of <paramref name="run"/>; nothing is sent before the loop has told where it starts.</summary>
    /// <param name="run">The run.</param>
    /// <param name="options">The server.</param>
    /// <param name="time">Gives the timestamps of values.</param>
    /// <param name="note">Told in a sentence of what the server does not take, by the thread that tells this log.</param>
    public MlflowLog(LoggedRun run, MlflowOptions options, TimeProvider time, Action<string> note)
        : this(run, options, time, note, new MlflowPacing())
    {
    }

    internal MlflowLog(LoggedRun run, MlflowOptions options, TimeProvider time, Action<string> note, MlflowPacing pacing)
    {
        this.run = run;
        this.options = options;
        this.pacing = pacing;
        this.time = time;
        this.note = note;
        queue = new MlflowQueue(pacing.QueueLength);
        server = new MlflowServer(options, pacing, Failed);
    }

    /// <inheritdoc/>
    public void Tell(TrainingEvent told)
    {
        switch (told)
        {
            case TrainingEvent.Started started:
                sending = Task.Run(() => Send(started.Step));
                break;
            case TrainingEvent.StepDone step:
                Add(step.Step, step.Metrics);
                break;
            case TrainingEvent.Evaluated evaluated:
                Add(evaluated.Step, evaluated.Metrics);
                break;
        }

        SayNotes();
    }

    /// <inheritdoc/>
    public void Tell(Finding found) => findings.Enqueue(found);

    /// <summary>Sends what is left, for a bounded time, and says what could not be sent.</summary>
    public void End(RunEnding ending)
    {
        if (hasEnded || sending is null)
        {
            return;
        }

        hasEnded = true;
        this.ending = ending;
        queue.End();
        if (!sending.Wait(pacing.EndWait))
        {
            stop.Cancel();
            sending.Wait();
        }

        SayNotes();
        SayLosses();
    }

    public void Dispose()
    {
        End(RunEnding.Failed);
        server.Dispose();
        queue.Dispose();
        stop.Dispose();
    }

    void Add(int step, MetricsLine line)
    {
        unqueued.Add(MlflowMetric.Of(line, step, Now()).Where(metric => !queue.TryAdd(metric)));
    }

    void SayNotes()
    {
        while (notes.TryDequeue(out var sentence))
        {
            note(sentence);
        }
    }

    void SayLosses()
    {
        unsent.Add(queue.Take(int.MaxValue));
        var why = reason ?? string.Create(CultureInfo.InvariantCulture, $"it was not done within {pacing.EndWait.TotalSeconds:0.#} s");
        if (unsent.IsAny)
        {
            note(unsent.With(unqueued).Sentence(options.Server, why));
        }
        else if (unqueued.IsAny)
        {
            note(unqueued.Sentence(options.Server, "it fell behind by more than there is room for"));
        }
        else if (!isClosed)
        {
            note($"mlflow: {options.Server} has every value, and has not taken that the run is over: {why}.");
        }
    }

    void Failed(string fault, int failures)
    {
        reason = fault;
        if (failures == FailuresThatAreSaid)
        {
            SayOnce($"mlflow: {options.Server} takes nothing: {fault}. The run goes on, and it is asked again until the run ends.");
        }
    }

    void Refused(MlflowRefusal refusal)
    {
        reason = refusal.Message;
        SayOnce($"mlflow: {options.Server} refuses the run: {refusal.Message}. The run goes on without it.");
    }

    void SayOnce(string sentence)
    {
        if (!hasSaidFailure)
        {
            hasSaidFailure = true;
            notes.Enqueue(sentence);
        }
    }

    async Task Send(int startStep)
    {
        try
        {
            var logged = await MlflowRun.Begin(server, options, run, time, startStep, notes.Enqueue, stop.Token);
            await SendHistory(logged, startStep);
            while (!queue.HasEnded)
            {
                await SendWaiting(logged);
                await queue.Wait(pacing.Interval, stop.Token);
            }

            await SendWaiting(logged);
            await logged.Close(ending, stop.Token);
            isClosed = true;
        }
        catch (MlflowRefusal refusal)
        {
            Refused(refusal);
        }
        catch (OperationCanceledException)
        {
            // The run has ended, and the patience with the server too; End says what is left.
        }
    }

    // What was waiting when an earlier process of the run was killed, or gave up a server that was away, or had no server.
    async Task SendHistory(MlflowRun logged, int startStep)
    {
        var timestamp = Now();
        try
        {
            var earlier = run.LinesUpTo(startStep)
                .SelectMany(line => MlflowMetric.Of(line, (int)line["step"], timestamp));
            foreach (var part in earlier.Chunk(MetricsInRequest))
            {
                await Send(logged, [.. part]);
            }
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            notes.Enqueue($"mlflow: {options.Server} may lack values of steps up to {startStep}: {e.Message}");
        }
    }

    async Task SendWaiting(MlflowRun logged)
    {
        while (queue.Take(MetricsInRequest) is { Count: > 0 } taken)
        {
            await Send(logged, taken);
        }

        while (findings.TryDequeue(out var found))
        {
            try
            {
                await logged.Tag(MlflowDescription.Tag(found), stop.Token);
            }
            catch (MlflowRefusal refusal)
            {
                Refused(refusal);
            }
        }
    }

    async Task Send(MlflowRun logged, List<MlflowMetric> metrics)
    {
        try
        {
            await logged.Log(metrics, stop.Token);
        }
        catch (MlflowRefusal refusal)
        {
            unsent.Add(metrics);
            Refused(refusal);
        }
        catch (OperationCanceledException)
        {
            unsent.Add(metrics);
            throw;
        }
    }

    long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
