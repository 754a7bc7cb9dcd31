using OrtDpo.Batches;
using OrtDpo.GpuCheck.Models;
using OrtDpo.GpuCheck.Running;
using OrtDpo.Runtime.Memory;
using OrtDpo.Train.Engine;
using OrtDpo.Train.Tests.Devices;
using OrtDpo.Train.Tests.Engine;

namespace OrtDpo.GpuCheck.Checks;

/// <summary>
/// Every family's fragments, kept and recomputed, whole and with attention in chunks: float32 beside the processor's engine, bfloat16
/// beside the same graphs with their roundings emulated. Weights in 4 bits have the host's numbers.
/// </summary>
sealed class FragmentsCheck() : Check(4, "every family against the processor", seconds: 140)
{
    // float32: of the largest element of each gradient. bfloat16: the error beside the emulation's, which by chance differs by 5 % for a
    // tensor of 64 elements, and by some more where a kernel rounds twice, as the one for rotary positions does.
    const double Float32 = 1e-5, Errors = 1.25, WorstError = 2;

    static readonly (int? Kept, long Scores)[] Ways = [(null, long.MaxValue), (0, 0)];

    public override void Run(CheckRun run)
    {
        var families = Directory.GetDirectories(run.Places.Families).Where(folder => File.Exists(Path.Combine(folder, "config.json")))
            .Order(StringComparer.Ordinal).ToList();
        run.Counted("families", families.Count, atLeast: 1);
        foreach (var folder in families)
        {
            Wide(run, folder);
            Narrow(run, folder);
        }

        foreach (var form in new[] { "nf4", "int4", "int4-128" })
        {
            FourBits(run, Path.Combine(run.Places.Families, "llama"), form);
        }
    }

    static void Wide(CheckRun run, string folder)
    {
        var difference = new EngineDifference();
        foreach (var options in Ways.Select(way => Options(run, way)))
        {
            using var expected = StepEngine.Open(folder, options);
            using var actual = StepEngine.Open(folder, options with { Device = run.Device });
            difference.Add(expected, actual, GoldenRows.Of(folder));
        }

        var name = $"{Path.GetFileName(folder)}, float32";
        run.Computed($"{name}: log-probabilities", difference.Logp, atMost: Float32);
        run.Computed($"{name}: gradients", difference.Element, atMost: Float32, text: $"({difference.Worst})");
    }

    static void Narrow(CheckRun run, string folder)
    {
        var difference = new RoundingDifference();
        foreach (var options in Ways.Select(way => Options(run, way)))
        {
            using var exact = StepEngine.Open(folder, options);
            using var emulated = StepEngine.Open(folder, options with { Device = new EmulatedDevice(), Dtype = ComputeDtype.BFloat16 });
            using var own = StepEngine.Open(folder, options with { Device = run.Device, Dtype = ComputeDtype.BFloat16 });
            difference.Add(exact, emulated, own, GoldenRows.Of(folder));
        }

        var name = $"{Path.GetFileName(folder)}, bfloat16";
        var (worst, ratio) = difference.Worst;
        run.Computed($"{name}: error of log-probabilities beside the emulation's", difference.Logps, "times", atMost: Errors);
        run.Computed(
            $"{name}: error of gradients", difference.Gradients, "times", atMost: Errors, text: $"({difference.Apart:0.0e0} apart)");
        run.Computed($"{name}: error of the worst gradient", ratio, "times", atMost: WorstError, text: $"({worst})");
    }

    static EngineOptions Options(CheckRun run, (int? Kept, long Scores) way) =>
        new() { Threads = run.Threads, KeptLayers = way.Kept, ScoreBytes = way.Scores };

    static void FourBits(CheckRun run, string path, string form)
    {
        using var first = AdaptedFolder.Open(path, form);
        using var second = AdaptedFolder.Open(path, form);
        using var expected = StepEngine.Of(first, new EngineOptions { Threads = run.Threads });
        using var actual = StepEngine.Of(second, new EngineOptions { Threads = run.Threads, Device = run.Device });
        var names = first.Parameters.Where(expected.Parameters.IsQuantized).ToList();
        run.Computed(
            $"{form}: {names.Count} weights have the host's bits",
            names.All(name => Copy(expected, name).SequenceEqual(Copy(actual, name))));

        static float[] Copy(StepEngine engine, string name)
        {
            using var pool = new MemoryPool(engine.Device);
            using var copy = engine.Parameters.Dequantised([name], pool)[name];
            return copy.ToArray<float>();
        }
    }
}
