using System.Diagnostics;
using OrtDpo.Autodiff.Building;
using OrtDpo.GpuCheck.Models;
using OrtDpo.GpuCheck.Running;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Sessions;

namespace OrtDpo.GpuCheck.Checks;

/// <summary>
/// The largest of each row of logits, which is TopK of one on CUDA: right, and how long beside a sum, which reads as much.
/// </summary>
sealed class ExtremesCheck() : Check(13, "extremes by TopK", seconds: 25)
{
    static readonly int[] Widths = [8_192, 32_000, 151_936];

    public override void Run(CheckRun run)
    {
        foreach (var width in Widths)
        {
            var rows = run.Sized(1024, 16);
            var x = Draw.Uniform(rows * width, 51);
            using var pool = new MemoryPool(run.Device);
            using var logits = DeviceTensor.From<float>(pool, DataType.Float32, x, rows, width);
            using var extreme = new GraphSession(Reduced("ReduceMax"));
            using var sum = new GraphSession(Reduced("ReduceSum"));
            using var found = extreme.Run(new Dictionary<string, DeviceTensor> { ["x"] = logits }, pool)["y"];
            var wanted = Enumerable.Range(0, rows).Select(row => System.Numerics.Tensors.TensorPrimitives.Max<float>(
                x.AsSpan(row * width, width)));
            run.Computed($"the largest of {rows} rows of {width}", found.ToArray<float>().SequenceEqual(wanted));
            var (slow, fast) = (Milliseconds(run, extreme, logits, pool), Milliseconds(run, sum, logits, pool));
            run.Computed("… takes", slow, "ms");
            run.Computed("… a sum of the same", fast, "ms");
            run.Computed("… ratio", slow / fast, "times");
        }
    }

    static double Milliseconds(CheckRun run, GraphSession session, DeviceTensor x, MemoryPool pool)
    {
        var times = run.Sized(20, 2);
        Once();
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < times; i++)
        {
            session.Run(new Dictionary<string, DeviceTensor> { ["x"] = x }, pool)["y"].Dispose();
        }

        Once();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds / (times + 1);

        void Once()
        {
            using var result = session.Run(new Dictionary<string, DeviceTensor> { ["x"] = x }, pool)["y"];
            result.ReadBytes(0, stackalloc byte[sizeof(float)]);
        }
    }

    static OnnxGraph Reduced(string operation)
    {
        var b = new GraphBuilder("reduced");
        var x = b.Input("x", DataType.Float32, new Shape("M", "N"));
        return b.Build([("y", b.Add(operation, [x, b.Int64s(1)], Attributes.None.With("keepdims", 0L)))]);
    }
}
