using OrtDpo.Logs.Mlflow;
using OrtDpo.Logs.TensorBoard;
using OrtDpo.Training;

namespace OrtDpo.Logs;

/// <summary>The logs of one run, told together.</summary>
public sealed class RunLogs : IDisposable
{
    readonly IReadOnlyList<IRunLog> logs;
    bool hasEnded;

    RunLogs(IReadOnlyList<IRunLog> logs) => this.logs = logs;

    /// <summary>Begins the logs that <paramref name="options"/> ask for.</summary>
    /// <param name="options">Which.</param>
    /// <param name="folder">The run's folder, with its configuration and environment.</param>
    /// <param name="note">Told in a sentence of what a log could not keep, by the thread that tells the log.</param>
    public static RunLogs Open(LogOptions options, string folder, Action<string> note)
    {
        var run = LoggedRun.Of(folder);
        var logs = new List<IRunLog>();
        if (options.TensorBoard)
        {
            logs.Add(new TensorBoardLog(run, TimeProvider.System, note));
        }

        if (options.Mlflow is { } mlflow)
        {
            logs.Add(new MlflowLog(run, mlflow, TimeProvider.System, note));
        }

        return new RunLogs(logs);
    }

    /// <summary>Tells all of them.</summary>
    public void Tell(TrainingEvent told)
    {
        foreach (var log in logs)
        {
            log.Tell(told);
        }
    }

    /// <summary>Tells all of them what the numbers show of the run.</summary>
    public void Tell(Finding found)
    {
        foreach (var log in logs)
        {
            log.Tell(found);
        }
    }

    /// <summary>Tells all of them that the run is over.</summary>
    public void End(RunEnding ending)
    {
        if (hasEnded)
        {
            return;
        }

        hasEnded = true;
        foreach (var log in logs)
        {
            log.End(ending);
        }
    }

    /// <summary>Closes them; a run that was not said to be over has failed.</summary>
    public void Dispose()
    {
        End(RunEnding.Failed);
        foreach (var log in logs)
        {
            log.Dispose();
        }
    }
}
