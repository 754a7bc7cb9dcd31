using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using OrtDpo.Autodiff.Building;
using OrtDpo.Batches;
using OrtDpo.GpuCheck.Models;
using OrtDpo.GpuCheck.Running;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Rows;

namespace OrtDpo.GpuCheck.Checks;

/// <summary>Rows that are added where numbers repeat, as words do: the same bits in every run, and the right ones.</summary>
sealed class RowAdderCheck() : Check(3, "row adder", seconds: 40)
{
    const int Vocabulary = 32_000, Rows = 1152, Width = 256;

    // Sums of up to some hundred rows in another order.
    const double Same = 1e-6;

    public override void Run(CheckRun run)
    {
        var runs = run.Sized(200, 4);
        var (indices, rows) = (Zipf(), Draw.Uniform(Rows * Width, 21));
        using var pool = new MemoryPool(run.Device);
        using var adder = RowAdder.Of(run.Device);
        using var target = DeviceTensor.Zeros(pool, DataType.Float32, Vocabulary, Width);
        using var numbers = DeviceTensor.From<long>(pool, DataType.Int64, indices, Rows);
        using var added = DeviceTensor.From<float>(pool, DataType.Float32, rows, Rows, Width);
        var bits = new HashSet<string>();
        float[] found = [];
        for (var i = 0; i < runs; i++)
        {
            target.Clear();
            adder.Add(target, numbers, added, pool);
            found = target.ToArray<float>();
            bits.Add(Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(found.AsSpan()))));
        }

        run.Computed($"different results of {runs} runs", bits.Count, atMost: 1, atLeast: 1);
        run.Computed("largest difference from sums in float64", Numbers.Difference(Expected(indices, rows), found), atMost: Same);
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < runs; i++)
        {
            adder.Add(target, numbers, added, pool);
        }

        target.ReadBytes(0, stackalloc byte[sizeof(float)]);
        run.Computed($"adding {Rows} rows of {Width}", Stopwatch.GetElapsedTime(start).TotalMilliseconds / runs, "ms");
    }

    // Number k about as often as 1/k, as words are.
    static long[] Zipf()
    {
        var random = new SplitMix64(20);
        return [.. Enumerable.Range(0, Rows).Select(_ => (long)Math.Min(
            Vocabulary - 1, Math.Exp((random.Next() >> 11) / (double)(1UL << 53) * Math.Log(Vocabulary)) - 1))];
    }

    static double[] Expected(long[] indices, float[] rows)
    {
        var sums = new double[Vocabulary * Width];
        for (var i = 0; i < rows.Length; i++)
        {
            sums[(indices[i / Width] * Width) + (i % Width)] += rows[i];
        }

        return sums;
    }
}
