using System.Diagnostics;
using OrtDpo.Autodiff.Building;
using OrtDpo.GpuCheck.Models;
using OrtDpo.GpuCheck.Running;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Sessions;

namespace OrtDpo.GpuCheck.Checks;

/// <summary>
/// Memory that the driver maps piece by piece serves ONNX Runtime as its own: sessions' temporaries and outputs across pieces, after memory
/// went back and was mapped again; and how long mapping takes.
/// </summary>
sealed class MappedMemoryCheck() : Check(11, "mapped memory", seconds: 30)
{
    const int Elements = 24_000_001;
    // One product of a thousand terms in float32.
    const double Same = 1e-6;

    public override void Run(CheckRun run)
    {
        Grow(run);
        using var pool = new MemoryPool(run.Device);
        using var chain = new GraphSession(Chain());
        using var product = new GraphSession(Product());
        for (var round = 1; round <= 3; round++)
        {
            Compute(run, pool, chain, product, round);
            // What the last steps did not need goes back to the driver; the next round maps it again.
            for (var step = 0; step < 5; step++)
            {
                pool.EndStep();
            }

            run.Counted($"round {round}: held once it went back", pool.Held / 1e6, "MB");
        }
    }

    static void Grow(CheckRun run)
    {
        var (blocks, size) = (run.Sized(64, 8), 64L << 20);
        using var pool = new MemoryPool(run.Device);
        var start = Stopwatch.GetTimestamp();
        var tensors = Enumerable.Range(0, blocks).Select(_ => DeviceTensor.Rent(pool, DataType.Float32, size / sizeof(float))).ToList();
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        run.Counted("held by a pool that grew", pool.Held / (double)size, "blocks", atLeast: blocks);
        run.Computed("mapping", seconds * 1e3 / (blocks * size / (double)(1 << 30)), "ms for each GiB");
        tensors.ForEach(tensor => tensor.Dispose());
    }

    static void Compute(CheckRun run, MemoryPool pool, GraphSession chain, GraphSession product, int round)
    {
        var x = Draw.Uniform(Elements, (ulong)round);
        using (var input = DeviceTensor.From<float>(pool, DataType.Float32, x, Elements))
        using (var output = chain.Run(new Dictionary<string, DeviceTensor> { ["x"] = input }, pool)["y"])
        {
            run.Computed($"round {round}: {Elements / 1e6:0} million numbers through three operators have the processor's bits",
                output.ToArray<float>().AsSpan().SequenceEqual(Array.ConvertAll(x, value => ((value + value) * value) - value)));
        }

        const int Rows = 300, Inner = 1000, Columns = 500;
        var (left, right) = (Draw.Uniform(Rows * Inner, 31), Draw.Uniform(Inner * Columns, 32));
        using var a = DeviceTensor.From<float>(pool, DataType.Float32, left, Rows, Inner);
        using var b = DeviceTensor.From<float>(pool, DataType.Float32, right, Inner, Columns);
        using var found = product.Run(new Dictionary<string, DeviceTensor> { ["a"] = a, ["b"] = b }, pool)["c"];
        run.Computed(
            $"round {round}: a product", Numbers.Difference(Numbers.Product(left, right, Rows, Inner, Columns), found.ToArray<float>()),
            atMost: Same);
    }

    // Each result is rounded once, so its bits are everybody's.
    static OnnxGraph Chain()
    {
        var b = new GraphBuilder("chain");
        var x = b.Input("x", DataType.Float32, new Shape("N"));
        return b.Build([("y", b.Sub(b.Mul(b.Add(x, x), x), x))]);
    }

    static OnnxGraph Product()
    {
        var b = new GraphBuilder("product");
        return b.Build([("c", b.MatMul(
            b.Input("a", DataType.Float32, new Shape("M", "K")), b.Input("b", DataType.Float32, new Shape("K", "N"))))]);
    }
}
