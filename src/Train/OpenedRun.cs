using OrtDpo.Adapters;
using OrtDpo.Data;
using OrtDpo.Models;
using OrtDpo.Models.Adapters;
using OrtDpo.Models.Import;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Models;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Safetensors;
using OrtDpo.Train.Engine;
using OrtDpo.Train.OnDevice;
using OrtDpo.Training;

namespace OrtDpo.Train;

/// <summary>A run whose engine is there, and nothing of it on the disk yet.</summary>
/// <param name="Device">What it runs on.</param>
/// <param name="Memory">What it takes; null where nobody planned it.</param>
/// <param name="Engine">The engine, with the weights that it begins with.</param>
/// <param name="CheckpointBytes">Bytes of a checkpoint; but for headers of some kilobytes.</param>
/// <param name="Loss">The objective.</param>
sealed record OpenedRun(
    ChosenDevice Device, EngineMemory? Memory, ITrainingEngine Engine, long CheckpointBytes, LossSession Loss) : IDisposable
{
    /// <summary>Has the policy answer prompts, where it is asked some at evaluations; null: it is not.</summary>
    public Func<CancellationToken, IReadOnlyList<SampledAnswer>>? Answers { get; init; }

    /// <summary>Opens everything that a run needs, and refuses what can be refused without its folder.</summary>
    public static OpenedRun Of(TrainRequest request, PreparedRun run)
    {
        RequireKnownTokens(run);
        RequireSavable(request, run);
        return request.Engine == EngineKind.OnDevice ? OnDevice(request, run) : Step(request, run);
    }

    static OpenedRun OnDevice(TrainRequest request, PreparedRun run)
    {
        var engine = OnDevicePolicy.Open(request, run, Beside(request, run));
        try
        {
            RunEntries.Add(request, run, memory: null, Runtime.Devices.Device.Cpu);
            // The loss alone runs here.
            OrtProcess.Start(request.Threads);
            return new OpenedRun(
                ChosenDevice.Cpu, Memory: null, engine, engine.CheckpointBytes, new LossSession(request.Loss.Objective));
        }
        catch
        {
            engine.Dispose();
            throw;
        }
    }

    static OpenedRun Step(TrainRequest request, PreparedRun run)
    {
        if (request.OnDeviceLibrary is not null)
        {
            throw new NotSupportedException(
                $"`OnDeviceLibrary` has no effect with `Engine` {request.Engine.ConfigName()}. Leave it out.");
        }

        var model = run.Policy.Folder;
        var device = request.Device.Open(request.Threads, request.Optimizer.OnCpuAlone()).Computing(run.Dtype);
        var prompts = PromptsOf(request, run);
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
        RunEntries.Add(request, run, memory, device.Device);
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
            return new OpenedRun(device, memory, engine, engine.CheckpointBytes, new LossSession(request.Loss.Objective))
            {
                Answers = prompts.Count == 0 ? null : new PolicySampler(
                    engine, run.Policy.Tokenizer, prompts, request.Options.Sampling, request.Options.Seed).Answer,
            };
        }
        catch
        {
            engine.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Loss.Dispose();
        Engine.Dispose();
    }

    static IReadOnlyList<SamplePrompt> PromptsOf(TrainRequest request, PreparedRun run)
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
}
