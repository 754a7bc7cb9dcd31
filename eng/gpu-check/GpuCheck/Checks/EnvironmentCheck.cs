using System.Diagnostics;
using OrtDpo.Autodiff.Building;
using OrtDpo.GpuCheck.Devices;
using OrtDpo.GpuCheck.Running;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Sessions;

namespace OrtDpo.GpuCheck.Checks;

/// <summary>Driver, GPU and libraries; the first small graph; one sum.</summary>
sealed class EnvironmentCheck() : Check(1, "environment", seconds: 25)
{
    const int Count = 100_000;

    public override void Run(CheckRun run)
    {
        run.Told("device", run.Device.Description);
        run.Told("driver", NvidiaSmi.Ask("driver_version") ?? "nvidia-smi is not here to say");
        run.Told("GPUs by nvidia-smi", NvidiaSmi.Ask("name") ?? "nvidia-smi is not here to say");
        run.Told("ONNX Runtime", OrtProcess.Version);
        run.Told("its devices", string.Join(", ", OrtFacts.Read().Devices.Select(device => $"{device.Provider} ({device.Vendor})")));
        if (run.Mode != CheckMode.Rehearsal)
        {
            var gpu = CudaFacts.Read().Devices[0];
            run.Told("compute capability", gpu.Capability);
            run.Counted("free memory", gpu.FreeBytes / 1e9, "GB");
        }

        var start = Stopwatch.GetTimestamp();
        DeviceTrial.Run(run.Device);
        run.Computed("the first small graph, session and libraries loaded", Stopwatch.GetElapsedTime(start).TotalSeconds, "s");
        Sum(run);
    }

    static void Sum(CheckRun run)
    {
        var b = new GraphBuilder("sum");
        var graph = b.Build([("sum", b.Add(
            b.Input("x", DataType.Float32, new Shape("N")), b.Input("y", DataType.Float32, new Shape("N"))))]);
        using var session = new GraphSession(graph);
        using var pool = new MemoryPool(run.Device);
        var (x, y) = (Models.Draw.Uniform(Count, 1), Models.Draw.Uniform(Count, 2));
        using var left = DeviceTensor.From<float>(pool, DataType.Float32, x, Count);
        using var right = DeviceTensor.From<float>(pool, DataType.Float32, y, Count);
        using var sum = session.Run(new Dictionary<string, DeviceTensor> { ["x"] = left, ["y"] = right }, pool)["sum"];
        // One rounding: the same bits on every machine.
        run.Computed("a sum of vectors has the processor's bits", sum.ToArray<float>().SequenceEqual(x.Zip(y, (a, c) => a + c)));
    }
}
