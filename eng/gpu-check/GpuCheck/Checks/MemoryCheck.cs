using OrtDpo.Batches;
using OrtDpo.GpuCheck.Devices;
using OrtDpo.GpuCheck.Models;
using OrtDpo.GpuCheck.Running;
using OrtDpo.Models;
using OrtDpo.Runtime.Memory;
using OrtDpo.Safetensors;
using OrtDpo.Train.Engine;
using OrtDpo.Train.Tests.Engine;
using OrtDpo.Training;

namespace OrtDpo.GpuCheck.Checks;

/// <summary>What steps take of the GPU's memory, by the pool, by CUDA and by nvidia-smi, beside what was planned.</summary>
sealed class MemoryCheck() : Check(8, "memory beside its plan", seconds: 145)
{
    const int Rank = 16, Length = 1024;
    // Context, libraries and workspaces: the constant that stands beside every plan, and was not measured before.
    const double Slack = MemoryUse.Context;

    static readonly (ModelShape Shape, string Form)[] Cases =
    [
        (ModelShape.Qwen05B, "all weights"), (ModelShape.Qwen15B, "as-is"), (ModelShape.Llama8B, "as-is"), (ModelShape.Llama8B, "nf4"),
    ];

    public override void Run(CheckRun run)
    {
        if (run.Places.IsRehearsal)
        {
            run.Skip("The processor has no memory of a GPU's.");
            return;
        }

        // Before this process has a context, which opening the device makes; whoever asks for the mode opens it.
        var before = NvidiaSmi.UsedBytes();
        if (before is null)
        {
            run.Told("nvidia-smi", "is not here to say what it counts");
        }

        run.Counted("free at the start", (run.Device.FreeBytes() ?? 0) / 1e9, "GB");
        foreach (var (shape, form) in Cases)
        {
            // Of stubs, which take gigabytes of nothing, real widths and two layers.
            Measure(run, run.Sized(shape, shape with { Layers = 2 }), form, before);
        }
    }

    static void Measure(CheckRun run, ModelShape shape, string form, long? before)
    {
        var path = WrittenModel.Write(Path.Combine(run.Places.Work, "models"), shape, hasNumbers: run.Mode == CheckMode.Gpu);
        using var folder = form == "all weights" ? ModelFolder.Open(path, WeightMapping.CopyOnWrite) : AdaptedFolder.Open(path, form, Rank);
        var options = new EngineOptions { Threads = run.Threads, Device = run.Device, Dtype = ComputeDtype.BFloat16, KeptLayers = 0 };
        var batch = ExamplePacking.Pack([Draw.Pair(shape.Vocabulary, Length / 2, Length / 4, seed: 5)]);
        var planned = StepEngine.Plan(folder, options, [batch]).Held;
        var name = $"{shape.Name}{(run.Mode == CheckMode.Stub ? $", {shape.Layers} layers" : "")}, {form}";
        using var sampler = new FreeMemory(run.Device);
        long held;
        long? used;
        using (var engine = StepEngine.Of(folder, options))
        {
            for (var step = 1; step <= 2; step++)
            {
                engine.Accumulate(batch, logps => Draw.Uniform(logps.Length, seed: 6));
                engine.Apply(new OptimizerStep(step, LearningRate: 1e-5f, MaxGradNorm: 1, WeightDecay: 0));
            }

            held = engine.Use.Held;
            // The pool gives nothing back before it is gone.
            used = NvidiaSmi.UsedBytes() - before;
        }

        run.Counted($"{name}: planned", planned / 1e9, "GB");
        run.Counted($"{name}: held by the pool", held / 1e9, "GB", atMost: planned / 1e9, atLeast: 0.95 * planned / 1e9);
        run.Counted($"{name}: taken of the GPU since the device was opened", sampler.Taken / 1e9, "GB", atMost: (planned + Slack) / 1e9);
        if (used is { } all)
        {
            run.Counted($"{name}: taken by the process, as nvidia-smi counts", all / 1e9, "GB");
            run.Counted($"{name}: of it context and libraries", (all - held) / 1e6, "MB", atMost: Slack / 1e6, atLeast: 0);
        }
    }
}
