using OrtDpo.Autodiff.Building;
using OrtDpo.GpuCheck.Models;
using OrtDpo.GpuCheck.Running;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Train.Engine;
using OrtDpo.Training;

namespace OrtDpo.GpuCheck.Checks;

/// <summary>
/// Outputs in the memory of inputs: gradients accumulate by Gemm with C and Y in one buffer, which the provider first copies onto itself,
/// and AdamW's graph writes weights and moments where they are.
/// </summary>
sealed class InPlaceCheck() : Check(2, "in place: Gemm and AdamW", seconds: 30)
{
    // Of the largest number: float32's rounding of some hundred products in another order, and of ten steps.
    const double Same = 1e-6, SameWeights = 2e-5;
    // A slice's squares are summed in float32: the processor's kernel, which adds them in a row, is off by 2e-5.
    const double SameNorm = 1e-4;

    const int Steps = 10;

    static readonly (int Rows, int Inner, int Columns)[] Sizes = [(512, 300, 896), (37, 53, 41), (1, 1, 1), (4096, 64, 128)];

    public override void Run(CheckRun run)
    {
        foreach (var size in Sizes)
        {
            Accumulated(run, size, isNarrow: false);
            Accumulated(run, size, isNarrow: true);
        }

        AdamW(run);
    }

    // buffer + Aᵀ·B twice: with Gemm's own sum, or as a gradient of bfloat16 products is added.
    static void Accumulated(CheckRun run, (int Rows, int Inner, int Columns) size, bool isNarrow)
    {
        var (rows, inner, columns) = size;
        var (left, right) = (Rounded(Draw.Uniform(inner * rows, 11)), Rounded(Draw.Uniform(inner * columns, 12)));
        var b = new GraphBuilder("accumulate");
        var x = b.Input("a", DataType.Float32, new Shape("K", "M"));
        var y = b.Input("b", DataType.Float32, new Shape("K", "N"));
        var buffer = b.Input("buffer", DataType.Float32, new Shape("M", "N"));
        var result = isNarrow
            ? b.Add(b.Cast(b.Gemm(b.Cast(x, DataType.BFloat16), b.Cast(y, DataType.BFloat16), transA: true), DataType.Float32), buffer)
            : b.Gemm(x, y, buffer, transA: true);
        if (isNarrow && run.Mode == CheckMode.Rehearsal)
        {
            // The processor has no product in bfloat16.
            return;
        }

        using var session = new GraphSession(b.Build([("out", result)]));
        using var pool = new MemoryPool(run.Device);
        using var a = DeviceTensor.From<float>(pool, DataType.Float32, left, inner, rows);
        using var c = DeviceTensor.From<float>(pool, DataType.Float32, right, inner, columns);
        using var sum = DeviceTensor.Zeros(pool, DataType.Float32, rows, columns);
        var inputs = new Dictionary<string, DeviceTensor> { ["a"] = a, ["b"] = c, ["buffer"] = sum };
        for (var i = 0; i < 2; i++)
        {
            session.Run(inputs, pool, new Dictionary<string, DeviceTensor> { ["out"] = sum });
        }

        var transposed = new float[left.Length];
        for (var i = 0; i < left.Length; i++)
        {
            transposed[(i % rows * inner) + (i / rows)] = left[i];
        }

        var wanted = Array.ConvertAll(Numbers.Product(transposed, right, rows, inner, columns), product => 2 * product);
        // The product of the narrow one is rounded to eight bits before it is added.
        run.Computed(
            $"{(isNarrow ? "Add(Cast(Gemm in bfloat16), buffer)" : "Gemm with C = Y")} twice, {rows}×{inner}×{columns}",
            Numbers.Difference(wanted, sum.ToArray<float>()), atMost: isNarrow ? 1.0 / 256 : Same);
    }

    // bfloat16 has them exactly.
    static float[] Rounded(float[] numbers) =>
        Array.ConvertAll(numbers, x => BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(x) & 0xFFFF0000));

    static void AdamW(CheckRun run)
    {
        // More than one slice, and one whose length is no multiple of anything.
        long[][] shapes = [[run.Sized(17_000, 1_700), 1024], [1537], [33, 7]];
        using var host = new MemoryPool();
        using var device = new MemoryPool(run.Device);
        var expected = shapes.Select((shape, i) => Parameter(host, shape, (ulong)i, hasCopy: false)).ToList();
        var actual = shapes.Select((shape, i) => Parameter(device, shape, (ulong)i, hasCopy: i == 0)).ToList();
        using var onHost = new AdamW(ParameterChunk.Of(expected), run.Threads);
        using var onDevice = new GraphAdamW(actual, device);
        double norm = 0;
        for (var step = 1; step <= Steps; step++)
        {
            for (var i = 0; i < shapes.Length; i++)
            {
                var gradient = Draw.Uniform((int)expected[i].Weight.Elements, (ulong)((step * 10) + i));
                expected[i].Gradient.Write<float>(gradient);
                actual[i].Gradient.Write<float>(gradient);
            }

            var update = new OptimizerStep(step, LearningRate: 1e-3f, MaxGradNorm: 1, WeightDecay: 0.01f);
            var (wanted, found) = (onHost.Apply(update), onDevice.Apply(update));
            norm = Math.Max(norm, Math.Abs(wanted.GradNorm - found.GradNorm) / wanted.GradNorm);
        }

        run.Computed($"AdamW, {Steps} steps: norm", norm, atMost: SameNorm);
        run.Computed(
            $"AdamW, {Steps} steps: weights", Numbers.Largest(expected.Zip(actual).Select(p => Numbers.Difference(
                p.First.Weight.ToArray<float>(), p.Second.Weight.ToArray<float>()))), atMost: SameWeights);
        run.Computed("gradients are cleared", actual.All(p => p.Gradient.ToArray<float>().All(g => g == 0)));
        var copy = actual[0].Copy!.ToArray<ushort>();
        run.Computed("the copy in bfloat16 is the weight rounded", actual[0].Weight.ToArray<float>().Zip(copy).All(
            pair => Math.Abs(pair.First - BitConverter.UInt32BitsToSingle((uint)pair.Second << 16)) <= Math.Abs(pair.First) / 256));
        foreach (var parameter in expected.Concat(actual))
        {
            parameter.Dispose();
        }
    }

    static TrainedParameter Parameter(MemoryPool pool, long[] shape, ulong seed, bool hasCopy)
    {
        var weight = DeviceTensor.From<float>(
            pool, DataType.Float32, Draw.Uniform((int)shape.Aggregate(1L, (a, b) => a * b), 100 + seed), shape);
        var copy = hasCopy ? DeviceTensor.Zeros(pool, DataType.BFloat16, shape) : null;
        return new TrainedParameter($"p{seed}", weight, pool, copy: copy);
    }
}
