using System.Diagnostics;
using OrtDpo.Batches;
using OrtDpo.GpuCheck.Models;
using OrtDpo.GpuCheck.Running;
using OrtDpo.Models;
using OrtDpo.Safetensors;
using OrtDpo.Train.Engine;
using OrtDpo.Train.Tests.Engine;
using OrtDpo.Training;

namespace OrtDpo.GpuCheck.Checks;

/// <summary>Tokens in a second of whole steps in bfloat16, beside PyTorch's on the same shapes where that is here.</summary>
sealed class SpeedCheck() : Check(9, "speed beside PyTorch", seconds: 145)
{
    const int Rank = 16, Pairs = 4, Prompt = 512, Completion = 256, WarmUp = 2;

    static readonly (ModelShape Shape, bool IsAdapter)[] Cases =
        [(ModelShape.Qwen05B, false), (ModelShape.Qwen15B, true), (ModelShape.Llama8B, true)];

    public override void Run(CheckRun run)
    {
        if (run.Mode == CheckMode.Rehearsal)
        {
            run.Skip("The processor's speed is measured by bench/.");
            return;
        }

        var python = PyTorch.Find();
        run.Told("PyTorch", python?.Version ?? "is not here: no python3 imports torch, and nothing is compared");
        foreach (var (whole, isAdapter) in Cases)
        {
            var shape = run.Sized(whole, whole with { Layers = 1 });
            var name = $"{shape.Name}, {(isAdapter ? "LoRA" : "all weights")}";
            var own = Measure(run, shape, isAdapter, name);
            if (python is not null)
            {
                Compare(run, python, shape, isAdapter, name, own);
            }
        }
    }

    static void Compare(CheckRun run, PyTorch python, ModelShape shape, bool isAdapter, string name, double own)
    {
        var (loops, fault) = python.Measure(run.Places.Compare, shape, isAdapter, Rank, Pairs, Prompt, Completion);
        foreach (var other in loops)
        {
            run.Computed(
                $"{name}: PyTorch, {other.Loop}", other.TokensPerSecond, "tokens/s", text: $"(peak {other.PeakBytes / 1e9:0.00} GB)");
            run.Computed($"{name}: this engine against PyTorch, {other.Loop}", own / other.TokensPerSecond, "times");
        }

        // What PyTorch does not do is no reason not to measure the next model.
        if (fault is not null)
        {
            run.Told($"{name}: why PyTorch did not end well", fault);
            run.Computed($"{name}: PyTorch ran to its end", isSo: false);
        }
    }

    static double Measure(CheckRun run, ModelShape shape, bool isAdapter, string name)
    {
        var path = WrittenModel.Write(Path.Combine(run.Places.Work, "models"), shape, hasNumbers: run.Mode == CheckMode.Gpu);
        var steps = run.Sized(6, 1);
        var loading = Stopwatch.GetTimestamp();
        using var folder = isAdapter ? AdaptedFolder.Open(path, rank: Rank) : ModelFolder.Open(path, WeightMapping.CopyOnWrite);
        using var engine = StepEngine.Of(
            folder, new EngineOptions { Threads = run.Threads, Device = run.Device, Dtype = ComputeDtype.BFloat16 });
        using var loss = LossSession.Sigmoid(0.1);
        TrainingRow[] rows =
        [
            .. Enumerable.Range(0, Pairs).Select(i => new TrainingRow(
                [""], Draw.Pair(shape.Vocabulary, Prompt, Completion, (ulong)i), [new(0, []), new(0, [])], "drawn", i + 1)),
        ];
        var pass = new StepPass(engine, loss, rows.Length);
        run.Computed($"{name}: loading", Stopwatch.GetElapsedTime(loading).TotalSeconds, "s");
        var (seconds, optimizer) = (new List<double>(), new List<double>());
        for (var step = 1; step <= WarmUp + steps; step++)
        {
            var start = Stopwatch.GetTimestamp();
            pass.Accumulate(rows);
            Wait(engine);
            var accumulated = Stopwatch.GetTimestamp();
            engine.Apply(new OptimizerStep(step, LearningRate: 1e-6f, MaxGradNorm: 1, WeightDecay: 0));
            Wait(engine);
            if (step > WarmUp)
            {
                seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
                optimizer.Add(Stopwatch.GetElapsedTime(accumulated).TotalSeconds);
            }
        }

        var tokens = Pairs * (Prompt + (2 * Completion));
        var median = seconds.Order().ElementAt(seconds.Count / 2);
        run.Computed($"{name}: a step of {tokens} tokens", median, "s");
        run.Computed($"{name}: of it the optimizer", optimizer.Order().ElementAt(optimizer.Count / 2), "s");
        run.Computed($"{name}: this engine", tokens / median, "tokens/s");
        run.Counted($"{name}: held by the pool", engine.Use.Held / 1e9, "GB");
        return tokens / median;
    }

    // A copy to the host comes after all that was asked for.
    static void Wait(StepEngine engine) =>
        engine.Parameters.Master(engine.Parameters.Names.First(engine.Parameters.Trains)).ReadBytes(0, stackalloc byte[sizeof(float)]);
}
