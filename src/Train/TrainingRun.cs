using OrtDpo.Adapters;
using OrtDpo.Batches;
using OrtDpo.Data;
using OrtDpo.Data.Cache;
using OrtDpo.Logs;
using OrtDpo.Models;
using OrtDpo.Models.Adapters;
using OrtDpo.Models.Import;
using OrtDpo.Models.Quantized;
using OrtDpo.Runs;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Models;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Safetensors;
using OrtDpo.Train.Engine;
using OrtDpo.Training;

namespace OrtDpo.Train;

/// <summary>What <c>train</c> and <c>sft</c> do once their rows are there: run folder, engine, loop, manifest.</summary>
static class TrainingRun
{
    /// <summary>Trains. Everything that can be refused is refused before the run's folder is made.</summary>
    public static TrainResult Execute(TrainRequest request, PreparedRun run, Action<TrainEvent> report)
    {
        using var opened = Open(request, run);
        var (device, prompts, memory, engine, loss) = opened;
        var model = run.Policy.Folder;
        using var folder = RunFolder.Open(request.Out, run.Config, request.Resume);
        var manifest = Path.Combine(folder.Path, RunManifest.FileName);
        if (!File.Exists(manifest))
        {
            WriteEnvironment();
        }

        report(new TrainEvent.Begun(run.Plan, model.Notes, device, run.Dtype, memory, model.Model.Layout, AdapterText.Of(model)));
        run.Begin(folder);
        foreach (var difference in folder.Differences)
        {
            report(new TrainEvent.ResumedOtherwise(difference));
        }

        var facts = Facts(run, loss);
        var diagnosis = new RunDiagnosis(folder.Path, facts, finding => report(new TrainEvent.Found(finding)));
        var evaluations = new List<MetricsLine>();
        using var logs = RunLogs.Open(request.Logs, folder.Path, note => report(new TrainEvent.LogNote(note)));
        report(new TrainEvent.LoopStarted(run.Plan.TotalSteps));
        var isFinished = false;
        var loop = new TrainingLoop(engine, loss, run.Plan, folder.Path, TimeProvider.System)
        {
            StartsAsReference = run.StartsAsReference,
            Answers = prompts.Count == 0 ? null : new PolicySampler(
                engine, run.Policy.Tokenizer, prompts, request.Options.Sampling, request.Options.Seed).Answer,
            ResumeStep = request.Resume ? request.ResumeStep : null,
            Stop = request.Stop,
            Report = told =>
            {
                if (told is TrainingEvent.Started started)
                {
                    Start(started);
                }

                if (told is TrainingEvent.Evaluated evaluated)
                {
                    evaluations.Add(evaluated.Metrics);
                }

                report(new TrainEvent.Loop(told));
                if (!isFinished)
                {
                    logs.Tell(told);
                    Hear(() => diagnosis.Hear(told));
                }
            },
        };
        TrainerState state;
        try
        {
            state = loop.Run();
        }
        catch (OperationCanceledException) when (request.Stop.IsCancellationRequested)
        {
            Hear(() => diagnosis.Close(ended: false));
            logs.End(RunEnding.Stopped);
            throw;
        }

        report(new TrainEvent.LoopEnded());
        var checkpoint = new Checkpoints(folder.Path).PathOf(state.Step);
        Diagnosis? diagnosed = null;
        if (!isFinished)
        {
            Hear(() => report(new TrainEvent.Diagnosed(diagnosed = diagnosis.Close(ended: true))));
            WriteManifest(folder.Path, run, checkpoint);
            logs.End(RunEnding.Finished);
        }

        // Of a finished run too, which hears nothing and whose files stay as they are.
        diagnosed ??= Diagnosis.Of(MetricsLines.Read(Path.Combine(folder.Path, MetricsFile.FileName)), facts, ended: true);
        return new TrainResult(folder.Path, checkpoint, state, evaluations) { Diagnosis = diagnosed };

        void WriteEnvironment() =>
            FileJson.Write(Path.Combine(folder.Path, RunEnvironment.FileName), Environment(device.Device, request.Threads));

        void Start(TrainingEvent.Started started)
        {
            isFinished = (started.Step == started.TotalSteps || started.IsOver) && File.Exists(manifest);
            if (!isFinished && File.Exists(manifest))
            {
                // Its newest checkpoint was damaged: it goes on, and is finished no more.
                File.Delete(manifest);
                WriteEnvironment();
            }
        }

        // What cannot be kept of it, as where the disk is full, ends no run.
        void Hear(Action diagnose)
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
    }

    /// <summary>Does what <see cref="Execute"/> does before its first step, and writes nothing.</summary>
    /// <exception cref="IOException">As of a run; or the disk has too little space for its checkpoints.</exception>
    public static Rehearsal Rehearse(TrainRequest request, PreparedRun run, Action<TrainEvent> report)
    {
        using var opened = Open(request, run);
        var (device, _, memory, engine, loss) = opened;
        var model = run.Policy.Folder;
        var differences = RunFolder.Check(request.Out, run.Config, request.Resume);
        report(new TrainEvent.Begun(run.Plan, model.Notes, device, run.Dtype, memory, model.Model.Layout, AdapterText.Of(model)));
        run.Begin(null);
        foreach (var difference in differences)
        {
            report(new TrainEvent.ResumedOtherwise(difference));
        }

        var state = new TrainingLoop(engine, loss, run.Plan, request.Out, TimeProvider.System)
        {
            StartsAsReference = run.StartsAsReference,
            ResumeStep = request.Resume ? request.ResumeStep : null,
            Stop = request.Stop,
            Report = told => report(new TrainEvent.Loop(told)),
        }.Rehearse();
        return CheckpointSpace.Require(
            request, run.Plan, state.Step, engine.CheckpointBytes, DiskSpace.FreeFor(request.Out));
    }

    /// <summary>Opens everything that a run needs, and refuses what can be refused without its folder.</summary>
    static OpenedRun Open(TrainRequest request, PreparedRun run)
    {
        RequireKnownTokens(run);
        RequireSavable(request, run);
        var model = run.Policy.Folder;
        var device = request.Device.Open(request.Threads, request.Optimizer.OnCpuAlone()).Computing(run.Dtype);
        var prompts = Prompts(request, run);
        var engineOptions = new EngineOptions
        {
            Device = device.Device,
            LongestText = PolicySampler.LongestOf(prompts, request.Options.Sampling),
            Dtype = run.Dtype,
            Threads = request.Threads,
            MaxLength = run.Policy.MaxLength,
            Optimizer = request.Optimizer,
        };
        var batches = LargestBatches.Of(
            run.Plan.TrainRows, run.Plan.Options, model.Model.Layout, StepEngine.MostWhole(model.Model, engineOptions));
        var memory = EngineMemory.Choose(
            model, engineOptions, request.Memory, request.Offload, batches, MemoryBudget.Of(device.Device),
            run.Policy.Tokenizer.Bytes);
        memory.RequireFit(request.Force, model, request.Optimizer, batches);
        AddAdapter(request, run);
        AddOptions(request, run, memory, device.Device);
        OrtProcess.Start(request.Threads);
        model.Quantized?.Prepare(request.Threads);
        LoadedMemory.Trim();
        var engine = StepEngine.Of(model, engineOptions with
        {
            KeptLayers = memory.KeptLayers,
            Offload = memory.Offload,
            SaveType = request.SaveDtype,
            Beside = Beside(request, run),
        });
        try
        {
            // After the engine, which starts ONNX Runtime with the threads asked for.
            return new OpenedRun(device, prompts, memory, engine, new LossSession(request.Loss.Objective));
        }
        catch
        {
            engine.Dispose();
            throw;
        }
    }

    static DiagnosisFacts Facts(PreparedRun run, LossSession loss)
    {
        var model = run.Policy.Folder.Model;
        var numbers = (model is AdaptedModel adapted ? adapted.Base : model).Parameters;
        return DiagnosisFacts.Of(run.Plan, loss.Traits, numbers.Sum(p => p.Shape.Aggregate(1L, (a, b) => a * b)), model is AdaptedModel);
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

    static IReadOnlyList<SamplePrompt> Prompts(TrainRequest request, PreparedRun run)
    {
        var (options, policy) = (request.Options.Sampling, run.Policy);
        return options.AreAsked
            ? SamplePrompt.All(
                options, run.Plan.EvalRows, policy.Tokenizer,
                new Conversations(
                    () => run.Template ?? ChatTemplateFolder.Load(request.Model, date: run.TemplateDate), policy.Tokenizer.Ends,
                    date: null),
                policy.Folder.Model.Sizes)
            : [];
    }

    // A checkpoint is a model folder, or an adapter's, which is none.
    static IReadOnlyList<HostFile> Beside(TrainRequest request, PreparedRun run)
    {
        var (policy, folder) = (run.Policy, run.Policy.Folder);
        var files = KeptTemplate.In(HostFile.Of(folder.Path, policy.Tokenizer.Files, request.SaveDtype), run.Template);
        return folder.Adapter is not { } adapter ? files :
        [
            .. files.Where(file => file.Name is not (ModelFolder.ConfigName or LoraConfig.FileName or AdapterBase.FileName)),
            new HostFile(LoraConfig.FileName, "", request.SaveDtype) { Contents = adapter.ConfigFor(folder).ToJson() },
            new HostFile(AdapterBase.FileName, "", request.SaveDtype)
            {
                Contents = AdapterBase.ToJson(policy.BaseDigest, policy.MaxLength, policy.BaseForm),
            },
        ];
    }

    static void AddAdapter(TrainRequest request, PreparedRun run)
    {
        var policy = run.Policy;
        if (policy.Folder.Adapter is not { } adapter)
        {
            return;
        }

        run.Config.Add("adapter_config", adapter.Text);
        if (adapter.Path is { } path)
        {
            run.Config.Add("adapter", Path.GetFullPath(path)).Informative();
        }

        run.Config.Add("base_digest", policy.BaseDigest);
        run.Inputs["base"] = policy.BaseDigest;
        if (policy.BaseForm is { } form)
        {
            var name = request.Base.Form is null ? Path.GetFullPath(request.Base.Name) : request.Base.Name;
            run.Config.Add(BaseWeights.ConfigName, name).Informative().Add("base_form", form);
            run.Inputs["base_form"] = form;
        }
    }

    static void RequireKnownTokens(PreparedRun run)
    {
        foreach (var row in run.Plan.TrainRows.Concat(run.Plan.EvalRows))
        {
            run.Policy.Tokenizer.RequireKnown(row.Id, row.Tokens.LargestId, run.Policy.Folder.Model.Sizes.VocabSize);
        }
    }

    // Its checkpoints keep the graph of the file, whose parameters are float32.
    static void RequireSavable(TrainRequest request, PreparedRun run)
    {
        if (request.SaveDtype != WeightType.F32 && run.Policy.Folder.Model is OnnxDecoder)
        {
            throw new NotSupportedException($"{request.Model} is an ONNX model, whose checkpoints are saved in float32, "
                + $"and `SaveDtype` is {request.SaveDtype.ConfigName()}. Leave it out; export stores weights in another type.");
        }
    }

    static RunEnvironment Environment(Device device, int threads) =>
        RunEnvironment.Read(OrtProcess.Version, threads, device.IsHost ? null : device.Name, device.Model);

    static void AddOptions(TrainRequest request, PreparedRun run, EngineMemory memory, Device device)
    {
        request.Loss.AddTo(run.Config);
        run.Plan.Options.AddTo(run.Config, run.Plan);
        request.Logs.AddTo(run.Config);
        run.Config.Add("threads", request.Threads).Informative();
        AddRecomputed(run.Config, memory).Informative(movesBits: false);
        // Older runs know no other device.
        run.Config.Add("device", device.Name).Informative().Unless(Device.Cpu.Name);
        run.Config.Add("offload", memory.Offload.ConfigName()).Informative(movesBits: false).Unless(Offload.None.ConfigName());
        // Older runs know no other optimizer, and have no entry.
        if (request.Optimizer != Optimizer.AdamW)
        {
            run.Config.Add("optimizer", request.Optimizer.ConfigName());
        }

        // What is float32 stands in no run's configuration: older ones know nothing else.
        if (run.Dtype != ComputeDtype.Float32)
        {
            run.Config.Add(TrainedRun.Dtype, run.Dtype.ConfigName());
        }

        if (request.SaveDtype != WeightType.F32)
        {
            run.Config.Add("save_dtype", request.SaveDtype.ConfigName());
        }

        if (run.Policy.Folder.StoredType is var stored && stored != WeightType.F32)
        {
            run.Config.Add(TrainedRun.BaseDtype, stored.ConfigName()).FollowsFromOthers();
        }
    }

    // Older runs kept all layers' activations or none's.
    static RunConfig AddRecomputed(RunConfig config, EngineMemory memory) => memory.KeptLayers > 0 && memory.KeptLayers < memory.Layers
        ? config.Add("recompute", FormattableString.Invariant($"{memory.Layers - memory.KeptLayers} of {memory.Layers} layers"))
        : config.Add("recompute", memory.KeptLayers == 0);
}
