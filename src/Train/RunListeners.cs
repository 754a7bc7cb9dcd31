using OrtDpo.Logs;
using OrtDpo.Models.Adapters;
using OrtDpo.Runs;
using OrtDpo.Train.Engine;
using OrtDpo.Training;

namespace OrtDpo.Train;

/// <summary>
/// Who listens to a run's loop beside its caller: the logs and the diagnosis. What they cannot keep, as where the disk is full, ends no
/// run. A run that was finished before is left as it is.
/// </summary>
sealed class RunListeners : IDisposable
{
    readonly string folder;
    readonly DiagnosisFacts facts;
    readonly Action<TrainEvent> report;
    readonly RunDiagnosis diagnosis;
    readonly RunLogs logs;
    readonly List<MetricsLine> evaluations = [];

    /// <param name="request">What is asked for.</param>
    /// <param name="run">The run.</param>
    /// <param name="loss">Its objective.</param>
    /// <param name="folder">Its folder.</param>
    /// <param name="report">Told of what is found, and of what cannot be kept.</param>
    public RunListeners(TrainRequest request, PreparedRun run, LossSession loss, string folder, Action<TrainEvent> report)
    {
        this.folder = folder;
        this.report = report;
        facts = Facts(run, loss);
        logs = RunLogs.Open(request.Logs, folder, note => report(new TrainEvent.LogNote(note)));
        diagnosis = new RunDiagnosis(folder, facts, finding =>
        {
            report(new TrainEvent.Found(finding));
            logs.Tell(finding);
        });
    }

    /// <summary>Whether the run had come to its end before: nothing is told to logs and diagnosis then.</summary>
    public bool IsFinished { get; set; }

    /// <summary>The evaluations that were heard of, in their order.</summary>
    public IReadOnlyList<MetricsLine> Evaluations => evaluations;

    /// <summary>Takes what the loop tells.</summary>
    public void Hear(TrainingEvent told)
    {
        if (told is TrainingEvent.Evaluated evaluated)
        {
            evaluations.Add(evaluated.Metrics);
        }

        if (!IsFinished)
        {
            logs.Tell(told);
            Diagnose(() => diagnosis.Hear(told));
        }
    }

    /// <summary>The run was stopped, and is to be gone on with.</summary>
    public void Stopped()
    {
        Diagnose(() => diagnosis.Close(ended: false).Write(folder));
        logs.End(RunEnding.Stopped);
    }

    /// <summary>The loop has come to its end.</summary>
    /// <param name="writeManifest">Writes the run's manifest, which has the digests of what is written here.</param>
    /// <returns>What the numbers of the whole run show.</returns>
    public Diagnosis Finish(Action writeManifest)
    {
        Diagnosis? diagnosed = null;
        if (!IsFinished)
        {
            Diagnose(() =>
            {
                diagnosed = diagnosis.Close(ended: true);
                // Said although it may not be kept.
                report(new TrainEvent.Diagnosed(diagnosed));
                diagnosed.Write(folder);
            });
            writeManifest();
            logs.End(RunEnding.Finished);
        }

        // Of a finished run too, whose files stay as they are.
        return diagnosed ?? Diagnosis.Of(MetricsLines.Read(Path.Combine(folder, MetricsFile.FileName)), facts, ended: true);
    }

    public void Dispose() => logs.Dispose();

    void Diagnose(Action diagnose)
    {
        try
        {
            diagnose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            report(new TrainEvent.LogNote($"The diagnosis is not kept: {e.Message}"));
        }
    }

    static DiagnosisFacts Facts(PreparedRun run, LossSession loss)
    {
        var model = run.Policy.Folder.Model;
        var numbers = (model is AdaptedModel adapted ? adapted.Base : model).Parameters;
        return DiagnosisFacts.Of(run.Plan, loss.Traits, numbers.Sum(p => p.Shape.Aggregate(1L, (a, b) => a * b)), model is AdaptedModel);
    }
}
