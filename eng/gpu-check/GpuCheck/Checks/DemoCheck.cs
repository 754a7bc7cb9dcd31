using System.Security.Cryptography;
using OrtDpo.GpuCheck.Models;
using OrtDpo.GpuCheck.Running;
using OrtDpo.Runs;
using OrtDpo.Runtime.Devices;
using OrtDpo.Train.Engine;
using OrtDpo.Training;

namespace OrtDpo.GpuCheck.Checks;

/// <summary>
/// Steps on the demo model in float32: the gate against numbers of the processor, its losses, the same bits twice, and after going on
/// from a checkpoint.
/// </summary>
sealed class DemoCheck() : Check(5, "demo model in float32", seconds: 100)
{
    // The first loss is one pass; later ones carry what AdamW makes of gradients that are nothing but rounding.
    const double FirstLoss = 1e-5, Losses = 1e-4, LearningRate = 1e-4;

    public override void Run(CheckRun run)
    {
        // Even: half of them are a checkpoint.
        var plan = DemoRows.Plan(run, run.Sized(20, 4), LearningRate);
        Gate(run, plan);
        var (wanted, _) = Train(run, plan, Device.Cpu, "demo-cpu");
        var (found, bits) = Train(run, plan, run.Device, "demo-device");
        run.Computed("first loss against the processor's", Math.Abs(wanted[0] - found[0]), "nats", atMost: FirstLoss);
        run.Computed(
            $"losses of {plan.TotalSteps} steps against the processor's",
            Numbers.Largest(wanted.Zip(found, (x, y) => Math.Abs(x - y))), "nats", atMost: Losses);
        run.Computed("last loss", found[^1], "nats");
        run.Computed("a second run ends at the same bits", Train(run, plan, run.Device, "demo-again").Bits == bits);
        run.Computed("a run that was ended and goes on ends at the same bits", Resumed(run, plan) == bits);
    }

    static void Gate(CheckRun run, TrainingPlan plan)
    {
        using var engine = Open(run, run.Device);
        using var loss = LossSession.Sigmoid(0.1);
        try
        {
            var gate = StepZeroGate.Check(engine, loss, plan);
            run.Computed("the step-0 gate holds against the processor's cache", isSo: true);
            run.Computed("… largest difference of a token", gate.MaxTokenDifference, "nats");
            run.Computed("… of a completion", gate.MaxSequenceDifference, "nats");
        }
        catch (InvalidDataException fault)
        {
            run.Told("the step-0 gate", fault.Message);
            run.Computed("the step-0 gate holds against the processor's cache", isSo: false);
        }
    }

    static (double[] Losses, string Bits) Train(CheckRun run, TrainingPlan plan, Device device, string name)
    {
        var folder = run.Places.Fresh(name);
        var losses = new List<double>();
        Loop(run, plan, device, folder, told =>
        {
            if (told is TrainingEvent.StepDone step)
            {
                losses.Add(step.Metrics["loss"]);
            }
        });
        return ([.. losses], Bits(folder, plan));
    }

    static string Resumed(CheckRun run, TrainingPlan plan)
    {
        var folder = run.Places.Fresh("demo-resumed");
        try
        {
            Loop(run, plan, run.Device, folder, told =>
            {
                if (told is TrainingEvent.CheckpointWritten)
                {
                    throw new OperationCanceledException();
                }
            });
        }
        catch (OperationCanceledException)
        {
            // As if the process had ended after its first checkpoint.
        }

        Loop(run, plan, run.Device, folder, _ => { });
        return Bits(folder, plan);
    }

    static void Loop(CheckRun run, TrainingPlan plan, Device device, string folder, Action<TrainingEvent> report)
    {
        using var engine = Open(run, device);
        using var loss = LossSession.Sigmoid(0.1);
        new TrainingLoop(engine, loss, plan, folder, TimeProvider.System) { Report = report }.Run();
    }

    static StepEngine Open(CheckRun run, Device device) =>
        StepEngine.Open(run.Places.Demo, new EngineOptions { Threads = run.Threads, Device = device });

    static string Bits(string folder, TrainingPlan plan)
    {
        var weights = Directory.GetFiles(new Checkpoints(folder).PathOf(plan.TotalSteps), "*.safetensors").Order(StringComparer.Ordinal);
        return string.Join(' ', weights.Select(file => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)))));
    }
}
