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
    MlflowRun? logged;
    string? reason;
    bool isClosed;
    bool hasSaidFailure;
    bool hasSaidRefusal;

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
        AddUnsent(queue.Take(int.MaxValue));
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
            note($"mlflow: {options.Server} "
                + $"{(logged is null ? "has not taken the run" : "has every value, and has not taken that the run is over")}: {why}.");
        }
    }

    void Failed(string fault, int failures)
    {
        reason = fault;
        if (failures >= FailuresThatAreSaid && !hasSaidFailure)
        {
            hasSaidFailure = true;
            notes.Enqueue($"mlflow: {options.Server} takes nothing: {fault}. The run goes on, and it is asked again until the run ends.");
        }
    }

    // Of the whole run, or of a part, after which the others are sent.
    void Refused(MlflowRefusal refusal)
    {
        reason = refusal.Message;
        if (!hasSaidRefusal)
        {
            hasSaidRefusal = true;
            notes.Enqueue(
                $"mlflow: {options.Server} refuses {(logged is null ? "the run" : "a part of the run")}: {refusal.Message}. "
                + $"The run goes on{(logged is null ? " without it" : "")}.");
        }
    }

    async Task Send(int startStep)
    {
        try
        {
            var begun = await MlflowRun.Begin(server, options, run, time, startStep, notes.Enqueue, stop.Token);
            logged = begun;
            await SendHistory(begun, startStep);
            while (!queue.HasEnded)
            {
                await SendWaiting(begun);
                await queue.Wait(pacing.Interval, stop.Token);
            }

            await SendWaiting(begun);
            await begun.Close(ending, stop.Token);
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
    async Task SendHistory(MlflowRun begun, int startStep)
    {
        var timestamp = Now();
        MlflowMetric[] earlier;
        try
        {
            earlier = [.. run.LinesUpTo(startStep).SelectMany(line => MlflowMetric.Of(line, (int)line["step"], timestamp))
                .Where(begun.Lacks)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            notes.Enqueue($"mlflow: {options.Server} may lack values of steps up to {startStep}: {e.Message}");
            return;
        }

        for (var sent = 0; sent < earlier.Length; sent += MetricsInRequest)
        {
            try
            {
                await Send(begun, [.. earlier.Skip(sent).Take(MetricsInRequest)]);
            }
            catch (OperationCanceledException)
            {
                AddUnsent(earlier.Skip(sent + MetricsInRequest));
                throw;
            }
        }
    }

    async Task SendWaiting(MlflowRun begun)
    {
        while (queue.Take(MetricsInRequest) is { Count: > 0 } taken)
        {
            await Send(begun, taken);
        }

        while (findings.TryDequeue(out var found))
        {
            try
            {
                await begun.Tag(MlflowDescription.Tag(found), stop.Token);
            }
            catch (MlflowRefusal refusal)
            {
                Refused(refusal);
            }
        }
    }

    async Task Send(MlflowRun begun, List<MlflowMetric> metrics)
    {
        try
        {
            await begun.Log(metrics, stop.Token);
        }
        catch (MlflowRefusal refusal)
        {
            AddUnsent(metrics);
            Refused(refusal);
        }
        catch (OperationCanceledException)
        {
            AddUnsent(metrics);
            throw;
        }
    }

    // Of steps that a resumed run makes again the server may have them from before.
    void AddUnsent(IEnumerable<MlflowMetric> metrics) => unsent.Add(metrics.Where(metric => logged?.Lacks(metric) ?? true));

    long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
