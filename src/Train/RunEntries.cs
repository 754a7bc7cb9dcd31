using OrtDpo.Batches;
using OrtDpo.Models.Quantized;
using OrtDpo.Runs;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Models;
using OrtDpo.Safetensors;

namespace OrtDpo.Train;

/// <summary>What a run's configuration says of the request and of what was decided, behind what it says of the rows.</summary>
static class RunEntries
{
    /// <summary>Adds the entries, and to the run's inputs the base under an adapter.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="run">The run.</param>
    /// <param name="memory">What was planned; null: nothing, and all activations are kept.</param>
    /// <param name="device">What it runs on.</param>
    public static void Add(TrainRequest request, PreparedRun run, EngineMemory? memory, Device device)
    {
        AddAdapter(request, run);
        AddOptions(request, run, memory, device);
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

    static void AddOptions(TrainRequest request, PreparedRun run, EngineMemory? memory, Device device)
    {
        request.Loss.AddTo(run.Config);
        run.Plan.Options.AddTo(run.Config, run.Plan);
        request.Logs.AddTo(run.Config);
        run.Config.Add("threads", request.Threads).Informative();
        AddRecomputed(run.Config, memory).Informative(movesBits: false);
        // Older runs know no other engine.
        run.Config.Add("engine", request.Engine.ConfigName()).Informative().Unless(EngineKind.Step.ConfigName());
        // Older runs know no other device.
        run.Config.Add("device", device.Name).Informative().Unless(Device.Cpu.Name);
        var offload = memory?.Offload ?? Offload.None;
        run.Config.Add("offload", offload.ConfigName()).Informative(movesBits: false).Unless(Offload.None.ConfigName());
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
    static RunConfig AddRecomputed(RunConfig config, EngineMemory? memory) => memory is { KeptLayers: > 0 and var kept, Layers: var layers }
        && kept < layers
        ? config.Add("recompute", FormattableString.Invariant($"{layers - kept} of {layers} layers"))
        : config.Add("recompute", memory is { KeptLayers: 0 });
}
