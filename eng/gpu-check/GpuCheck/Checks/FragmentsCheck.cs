using OrtDpo.Autodiff.Building;
using OrtDpo.GpuCheck.Devices;
using OrtDpo.GpuCheck.Models;
using OrtDpo.GpuCheck.Running;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Memory;
using OrtDpo.Train.Engine;
using OrtDpo.Train.Tests.Engine;

namespace OrtDpo.GpuCheck.Checks;

/// <summary>
/// Every family's fragments, kept and recomputed, whole and with attention in chunks: float32 beside the processor's engine, bfloat16 beside
/// the same graphs with their roundings emulated. Weights in 4 bits have the host's numbers.
/// </summary>
sealed class FragmentsCheck() : Check(4, "every family against the processor", seconds: 140)
{
    // float32: of the largest element of each gradient. bfloat16: in the root mean square; a sum in another order rounds to another
    // neighbour now and then, and each such step is 2⁻⁸.
    const double Float32 = 1e-5, BFloat16 = 2e-2;

    static readonly (int? Kept, long Scores)[] Ways = [(null, long.MaxValue), (0, 0)];

    public override void Run(CheckRun run)
    {
        var families = Directory.GetDirectories(run.Places.Families).Where(folder => File.Exists(Path.Combine(folder, "config.json")))
            .Order(StringComparer.Ordinal).ToList();
        run.Counted("families", families.Count, atLeast: 1);
        foreach (var folder in families)
        {
            Compare(run, folder, DataType.Float32);
            Compare(run, folder, DataType.BFloat16);
        }

        foreach (var form in new[] { "nf4", "int4", "int4-128" })
        {
            FourBits(run, Path.Combine(run.Places.Families, "llama"), form);
        }
    }

    static void Compare(CheckRun run, string folder, DataType compute)
    {
        var rows = GoldenRows.Of(folder);
        var difference = new EngineDifference();
        foreach (var (kept, scores) in Ways)
        {
            var options = new EngineOptions { Threads = run.Threads, KeptLayers = kept, ScoreBytes = scores, Compute = compute };
            var oracle = compute == DataType.Float32 ? Device.Cpu : new EmulatedDevice();
            using var expected = StepEngine.Open(folder, options with { Device = oracle });
            using var actual = StepEngine.Open(folder, options with { Device = run.Device });
            difference.Add(expected, actual, rows);
        }

        var name = $"{Path.GetFileName(folder)}, {compute}";
        if (compute == DataType.Float32)
        {
            run.Computed($"{name}: log-probabilities", difference.Logp, atMost: Float32);
            run.Computed($"{name}: gradients", difference.Element, atMost: Float32, text: $"({difference.Worst})");
        }
        else
        {
            run.Computed($"{name}: log-probabilities", difference.Logps, atMost: BFloat16);
            run.Computed($"{name}: gradients", difference.Gradient, atMost: BFloat16);
        }
    }

    static void FourBits(CheckRun run, string path, string form)
    {
        using var first = AdaptedFolder.Open(path, form);
        using var second = AdaptedFolder.Open(path, form);
        using var expected = StepEngine.Of(first, new EngineOptions { Threads = run.Threads });
        using var actual = StepEngine.Of(second, new EngineOptions { Threads = run.Threads, Device = run.Device });
        var names = first.Parameters.Where(expected.Parameters.IsQuantized).ToList();
        run.Computed($"{form}: {names.Count} weights have the host's bits", names.All(name => Copy(expected, name).SequenceEqual(Copy(actual, name))));

        static float[] Copy(StepEngine engine, string name)
        {
            using var pool = new MemoryPool(engine.Device);
            using var copy = engine.Parameters.Dequantised([name], pool)[name];
            return copy.ToArray<float>();
        }
    }
}
