using OrtDpo.Autodiff.Building;
using OrtDpo.Runtime.Memory;
using OrtDpo.Train.Engine;
using OrtDpo.Training;

namespace OrtDpo.Train.Tests.Engine;

public sealed class AdamW8BitTests
{
    // 70,001 elements: several chunks, and a last block of 113.
    const int Elements = 70_001;

    [Theory]
    [InlineData(0f, 0f)]
    [InlineData(1f, 0.1f)]
    public void Five_updates_follow_the_algorithm_in_double(float maxGradNorm, float weightDecay)
    {
        using var pool = new MemoryPool();
        using var weight = HostTensor.Zeros(pool, DataType.Float32, 1, Elements);
        using var parameter = new TrainedParameter("w", weight, pool, Optimizer.AdamW8Bit);
        var (w, m, v) = (new double[Elements], new double[Elements], new double[Elements]);
        var random = new Random(5);
        for (var i = 0; i < Elements; i++)
        {
            weight.Span<float>()[i] = random.NextSingle() - 0.5f;
            w[i] = weight.Span<float>()[i];
        }

        for (var t = 1; t <= 5; t++)
        {
            // Of many sizes within a block.
            double[] g = [.. Enumerable.Range(0, Elements).Select(_ => (double)(float)(Math.Pow(random.NextDouble(), 4) - 0.1))];
            for (var i = 0; i < Elements; i++)
            {
                parameter.Gradient.Span<float>()[i] = (float)g[i];
            }

            var result = new AdamW(ParameterChunk.Of([parameter]), 2).Apply(new OptimizerStep(t, 0.01f, maxGradNorm, weightDecay));
            var norm = Math.Sqrt(g.Sum(x => x * x));
            AssertClose(norm, result.GradNorm, relative: Tolerances.Float32);
            var clip = maxGradNorm > 0 ? Math.Min(1, maxGradNorm / (norm + 1e-6)) : 1;
            for (var i = 0; i < Elements; i++)
            {
                var gi = g[i] * clip;
                m[i] = (0.9 * m[i]) + (0.1 * gi);
                v[i] = (0.999 * v[i]) + (0.001 * gi * gi);
                w[i] -= 0.01 * weightDecay * w[i];
                w[i] -= 0.01 * (m[i] / (1 - Math.Pow(0.9, t))) / (Math.Sqrt(v[i] / (1 - Math.Pow(0.999, t))) + 1e-8);
            }

            var first = parameter.FirstMoment.Values.Span<sbyte>();
            var second = parameter.SecondMoment.Values.Span<byte>();
            for (var start = 0; start < Elements; start += 256)
            {
                var end = Math.Min(start + 256, Elements);
                var unit = m[start..end].Max(Math.Abs) / 127;
                var rootUnit = Math.Sqrt(v[start..end].Max()) / 255;
                for (var i = start; i < end; i++)
                {
                    // The additive recurrence in 65,536ths.
                    var threshold = ((49_471L * t) + (37_345L * (i - start))) % 65_536 / 65_536.0;
                    m[i] = unit * Rounded(m[i] / unit, 0.5, -127, 127, first[i]);
                    var root = rootUnit * Rounded(Math.Sqrt(v[i]) / rootUnit, threshold, v[i] > 0 ? 1 : 0, 255, second[i]);
                    v[i] = root * root;
                }
            }
        }

        AssertClose(w, weight.Span<float>(), Tolerances.AdamWWeights);
        Assert.Equal(new float[Elements], parameter.Gradient.Span<float>().ToArray());
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_gradient_that_is_not_finite_skips_the_update(float bad)
    {
        using var pool = new MemoryPool();
        using var weight = HostTensor.Zeros(pool, DataType.Float32, Elements);
        using var parameter = new TrainedParameter("w", weight, pool, Optimizer.AdamW8Bit);
        Update(parameter, 1, 2);
        var before = (Weight: weight.Span<float>().ToArray(), First: parameter.FirstMoment.Values.Span<sbyte>().ToArray(),
            Second: parameter.SecondMoment.Values.Span<byte>().ToArray(), Scales: parameter.SecondMoment.Scales!.Span<float>().ToArray());
        parameter.Gradient.Span<float>()[^1] = bad;
        Assert.False(new AdamW(ParameterChunk.Of([parameter]), 2).Apply(new OptimizerStep(2, 0.01f, 1, 0)).Applied);
        Assert.Equal(before.Weight, weight.Span<float>().ToArray());
        Assert.Equal(before.First, parameter.FirstMoment.Values.Span<sbyte>().ToArray());
        Assert.Equal(before.Second, parameter.SecondMoment.Values.Span<byte>().ToArray());
        Assert.Equal(before.Scales, parameter.SecondMoment.Scales!.Span<float>().ToArray());
        Assert.All(parameter.Gradient.Span<float>().ToArray(), x => Assert.Equal(0, x));
    }

    [Fact]
    public void Updates_do_not_depend_on_the_number_of_threads()
    {
        Assert.Equal(Updated(threads: 1), Updated(threads: 4));

        static float[] Updated(int threads)
        {
            using var pool = new MemoryPool();
            using var weight = HostTensor.Zeros(pool, DataType.Float32, 300_000);
            using var parameter = new TrainedParameter("w", weight, pool, Optimizer.AdamW8Bit);
            Update(parameter, 1, threads);
            Update(parameter, 2, threads);
            return weight.Span<float>().ToArray();
        }
    }

    // To the nearest the roots would stay where they are: they fall by less than half a code a step.
    [Fact]
    public void Moments_of_an_element_without_gradient_decay()
    {
        using var pool = new MemoryPool();
        using var weight = HostTensor.Zeros(pool, DataType.Float32, 4_096);
        using var parameter = new TrainedParameter("w", weight, pool, Optimizer.AdamW8Bit);
        for (var t = 1; t <= 2_000; t++)
        {
            var gradient = parameter.Gradient.Span<float>();
            for (var i = 0; i < gradient.Length; i++)
            {
                gradient[i] = i % 2 == 0 || t <= 20 ? 1 : 0;
            }

            new AdamW(ParameterChunk.Of([parameter]), 2).Apply(new OptimizerStep(t, 0.01f, 0, 0));
        }

        // 255 √((1 − 0.999²⁰) 0.999¹⁹⁸⁰) / √(1 − 0.999²⁰⁰⁰) = 14.3; and 4.5 · 0.9 is the first product that rounds to what it was.
        var first = parameter.FirstMoment.Values.Span<sbyte>();
        var second = parameter.SecondMoment.Values.Span<byte>();
        for (var i = 0; i < first.Length; i += 2)
        {
            Assert.Equal(127, first[i]);
            // The root of 255 codes less a rounding error, and a threshold of 0.
            Assert.InRange(second[i], 254, 255);
            Assert.InRange(first[i + 1], 0, 5);
            Assert.InRange(second[i + 1], 12, 17);
        }
    }

    [Theory]
    [InlineData(4_095, false)]
    [InlineData(4_096, true)]
    public void Small_tensors_keep_float32(int elements, bool hasCodes)
    {
        using var pool = new MemoryPool();
        using var weight = HostTensor.Zeros(pool, DataType.Float32, elements);
        using var parameter = new TrainedParameter("w", weight, pool, Optimizer.AdamW8Bit);
        Assert.Equal(hasCodes, parameter.HasCodes);
        var most = hasCodes ? (2 * elements) + (2 * 4 * elements / 256) : 8 * elements;
        Assert.Equal(most, pool.Ledger[MemoryPurpose.Moments]);
    }

    static void Update(TrainedParameter parameter, int step, int threads)
    {
        var random = new Random(step);
        foreach (ref var g in parameter.Gradient.Span<float>())
        {
            g = random.NextSingle() - 0.5f;
        }

        new AdamW(ParameterChunk.Of([parameter]), threads).Apply(new OptimizerStep(step, 0.01f, 1, 0.1f));
    }

    // Where the double lies on the border of two codes, float32 may have taken either.
    static int Rounded(double value, double threshold, int least, int most, int stored)
    {
        var sum = value + threshold;
        var code = (int)Math.Clamp(Math.Floor(sum), least, most);
        if (stored != code)
        {
            Assert.True(Math.Abs(sum - Math.Round(sum)) < 1e-3, $"{value} + {threshold} became {stored}.");
            Assert.InRange(stored, code - 1, code + 1);
        }

        return stored;
    }
}
