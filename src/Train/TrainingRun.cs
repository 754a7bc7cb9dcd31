using OrtDpo.Data.Cache;
using OrtDpo.Runs;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Training;
using OrtDpo.Training.Remote;

namespace OrtDpo.Train;

/// <summary>What <c>train</c> and <c>sft</c> do once their rows are there: run folder, engine, loop, manifest.</summary>
static class TrainingRun
{
    /// <summary>Trains. Everything that can be refused is refused before the run's folder is made.</summary>
    public static TrainResult Execute(TrainRequest request, PreparedRun run, Action<TrainEvent> report)
    {
        using var opened = OpenedRun.Of(request, run);
        using var folder = RunFolder.Open(request.Out, run.Config, request.Resume);
        var manifest = Path.Combine(folder.Path, RunManifest.FileName);
        if (!File.Exists(manifest))
        {
            WriteEnvironment();
        }

        Begin(opened, run, folder, folder.Differences, report);
        using var listeners = new RunListeners(request, run, opened.Loss, folder.Path, report);
        report(new TrainEvent.LoopStarted(run.Plan.TotalSteps));
        var loop = new TrainingLoop(opened.Engine, opened.Loss, run.Plan, folder.Path, TimeProvider.System)
        {
            StartsAsReference = run.StartsAsReference,
            Answers = opened.Answers,
            ResumeStep = request.Resume ? request.ResumeStep : null,
            Stop = request.Stop,
            Report = told =>
            {
                if (told is TrainingEvent.Started started)
                {
                    Start(started);
                }

                report(new TrainEvent.Loop(told));
                listeners.Hear(told);
            },
        };
        TrainerState state;
        try
        {
            state = loop.Run();
        }
        catch (OperationCanceledException) when (request.Stop.IsCancellationRequested)
        {
            listeners.Stopped();
            throw;
        }

        report(new TrainEvent.LoopEnded());
        var checkpoint = new Checkpoints(folder.Path).PathOf(state.Step);
        var diagnosis = listeners.Finish(() => WriteManifest(folder.Path, run, checkpoint));
        return new TrainResult(folder.Path, checkpoint, state, listeners.Evaluations) { Diagnosis = diagnosis };

        void WriteEnvironment() =>
            FileJson.Write(Path.Combine(folder.Path, RunEnvironment.FileName), Environment(request, opened.Device.Device));

        void Start(TrainingEvent.Started started)
        {
            listeners.IsFinished = (started.Step == started.TotalSteps || started.IsOver) && File.Exists(manifest);
            if (!listeners.IsFinished && File.Exists(manifest))
            {
                // Its newest checkpoint was damaged: it goes on, and is finished no more.
                File.Delete(manifest);
                WriteEnvironment();
            }
        }
    }

    /// <summary>Does what <see cref="Execute"/> does before its first step, and writes nothing.</summary>
    /// <exception cref="IOException">As of a run; or the disk has too little space for its checkpoints.</exception>
    public static Rehearsal Rehearse(TrainRequest request, PreparedRun run, Action<TrainEvent> report)
    {
        using var opened = OpenedRun.Of(request, run);
        Begin(opened, run, folder: null, RunFolder.Check(request.Out, run.Config, request.Resume), report);
        var state = new TrainingLoop(opened.Engine, opened.Loss, run.Plan, request.Out, TimeProvider.System)
        {
            StartsAsReference = run.StartsAsReference,
            ResumeStep = request.Resume ? request.ResumeStep : null,
            Stop = request.Stop,
            Report = told => report(new TrainEvent.Loop(told)),
        }.Rehearse();
        return CheckpointSpace.Require(
            request, run.Plan, state.Step, opened.CheckpointBytes, DiskSpace.FreeFor(request.Out));
    }

    static void Begin(
        OpenedRun opened, PreparedRun run, RunFolder? folder, IEnumerable<RunDifference> differences, Action<TrainEvent> report)
    {
        var model = run.Policy.Folder;
        report(new TrainEvent.Begun(
            run.Plan, model.Notes, opened.Device, run.Dtype, opened.Memory, model.Model.Layout, AdapterText.Of(model)));
        run.Begin(folder);
        foreach (var difference in differences)
        {
            report(new TrainEvent.ResumedOtherwise(difference));
        }
    }

    static void WriteManifest(string folder, PreparedRun run, string checkpoint) => RunManifest.Write(
        folder,
        run.Kind,
        run.Inputs,
        [
            RunConfig.FileName, MetricsFile.FileName, .. RunData.FilesIn(folder),
            .. new[] { Diagnosis.FileName, SamplesFile.FileName, BestCheckpoint.FileName }
                .Where(file => File.Exists(Path.Combine(folder, file))),
            .. new[] { checkpoint, BestOf(folder) ?? checkpoint }.Distinct()
                .SelectMany(saved => Directory.GetFiles(saved, "*", SearchOption.AllDirectories))
                .Select(file => Path.GetRelativePath(folder, file)),
        ]);

    static string? BestOf(string folder) => BestCheckpoint.Find(folder) is { } best ? Path.Combine(folder, best.Checkpoint) : null;

    static RunEnvironment Environment(TrainRequest request, Device device) => RunEnvironment.Read(
        request.Engine == EngineKind.OnDevice ? OnDeviceSetup.RuntimeVersion : OrtProcess.Version,
        request.Threads, device.IsHost ? null : device.Name, device.Model);
}
