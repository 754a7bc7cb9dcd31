using OrtDpo.Batches;
using OrtDpo.GpuCheck.Models;
using OrtDpo.GpuCheck.Running;
using OrtDpo.Models;
using OrtDpo.Runtime.Devices;
using OrtDpo.Safetensors;
using OrtDpo.Train.Engine;
using OrtDpo.Train.Tests.Engine;
using OrtDpo.Training;

namespace OrtDpo.GpuCheck.Checks;

/// <summary>
/// Training in bfloat16, of adapters, and on a base in 4 bits: the loss falls as in float32; how far log-probabilities are off.
/// </summary>
sealed class PrecisionCheck() : Check(6, "bfloat16, LoRA and NF4 on the demo model", seconds: 140)
{
    const double FullRate = 1e-4, AdapterRate = 1e-3, Beta = 0.1;
    // Of float32's mean loss over the last steps.
    const double LossShare = 0.02;
    // Of the first loss: weights that do not train leave it where it is, in either type.
    const double Fallen = 0.99;
    const int Last = 10, Rank = 16;

    public override void Run(CheckRun run)
    {
        var steps = run.Sized(50, 4);
        Offset(run, DemoRows.Plan(run, steps, FullRate));
        foreach (var form in new[] { "all weights", "as-is", "nf4" })
        {
            var plan = DemoRows.Plan(run, steps, form == "all weights" ? FullRate : AdapterRate);
            var wide = Losses(run, plan, form, ComputeDtype.Float32);
            var narrow = Losses(run, plan, form, ComputeDtype.BFloat16);
            var (wanted, found) = (wide.TakeLast(Last).Average(), narrow.TakeLast(Last).Average());
            var name = form switch { "as-is" => "LoRA", "nf4" => "LoRA on NF4", _ => "all weights" };
            run.Computed($"{name}: float32, first loss", wide[0], "nats");
            run.Computed($"{name}: float32, mean of the last {Last} losses", wanted, "nats", atMost: run.Sized(Fallen, 1) * wide[0]);
            run.Computed($"{name}: bfloat16, the same", found, "nats");
            run.Computed($"{name}: bfloat16 against float32", Math.Abs(found - wanted) / wanted, "of it", atMost: LossShare);
        }
    }

    // What a gate in bfloat16 would have to allow.
    static void Offset(CheckRun run, TrainingPlan plan)
    {
        using var exact = Open(run, "all weights", Device.Cpu, ComputeDtype.Float32, out var first);
        using var narrow = Open(run, "all weights", run.Device, ComputeDtype.BFloat16, out var second);
        var difference = new List<double>();
        var sequences = new List<double>();
        for (var step = 1; step <= 2; step++)
        {
            var packed = MicroBatch.Of(plan.RowsOf(step), narrow.Layout).Packed;
            var (wanted, found) = (exact.Score(packed), narrow.Score(packed));
            for (var completion = 0; completion < packed.Completions; completion++)
            {
                var own = Enumerable.Range(completion * packed.CompletionWidth, packed.CompletionLength(completion))
                    .Select(i => (double)found[i] - wanted[i]).ToArray();
                difference.AddRange(own);
                sequences.Add(Math.Abs(own.Sum()));
            }
        }

        run.Computed("bfloat16's log-probabilities: largest difference of a token", difference.Max(Math.Abs), "nats");
        run.Computed("… root mean square", Math.Sqrt(difference.Average(d => d * d)), "nats");
        run.Computed("… mean, which way they drift", difference.Average(), "nats");
        run.Computed("… largest difference of a completion", sequences.Max(), "nats");
        first.Dispose();
        second.Dispose();
    }

    static double[] Losses(CheckRun run, TrainingPlan plan, string form, ComputeDtype compute)
    {
        var engine = Open(run, form, run.Device, compute, out var folder);
        using (folder)
        using (engine)
        {
            using var loss = LossSession.Sigmoid(Beta);
            var pass = new StepPass(engine, loss, microPairs: null);
            return
            [
                .. Enumerable.Range(1, plan.TotalSteps).Select(step =>
                {
                    var found = pass.Accumulate(plan.RowsOf(step)).Loss;
                    engine.Apply(new OptimizerStep(step, (float)plan.Schedule.At(step), MaxGradNorm: 1, WeightDecay: 0));
                    return found;
                }),
            ];
        }
    }

    static StepEngine Open(CheckRun run, string form, Device device, ComputeDtype compute, out ModelFolder folder)
    {
        folder = form == "all weights" ? ModelFolder.Open(run.Places.Demo, WeightMapping.CopyOnWrite)
            : AdaptedFolder.Open(run.Places.Demo, form, Rank);
        return StepEngine.Of(folder, new EngineOptions { Threads = run.Threads, Device = device, Dtype = compute });
    }
}
