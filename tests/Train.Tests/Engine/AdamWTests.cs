using OrtDpo.Autodiff.Building;
using OrtDpo.Runtime.Memory;
using OrtDpo.Train.Engine;
using OrtDpo.Training;

namespace OrtDpo.Train.Tests.Engine;

public sealed class AdamWTests
{
    // 70,001 elements: several chunks, and a tail that no vector fills.
    const int Elements = 70_001;

    static readonly OptimizerStep[] Updates =
    [
        new(1, 0.01f, MaxGradNorm: 0, WeightDecay: 0),
        new(1, 0.01f, MaxGradNorm: 1, WeightDecay: 0.1f),
        new(1, 0.01f, MaxGradNorm: 1, WeightDecay: 0.1f, DecaysVectors: true),
        new(1, 0.01f, MaxGradNorm: 0, WeightDecay: 0, Beta1: 0.5f, Beta2: 0.95f, Epsilon: 0.5f),
        new(1, 0.01f, MaxGradNorm: 0, WeightDecay: 0.1f, Beta1: 0, Beta2: 0),
    ];

    public static TheoryData<OptimizerStep, bool> Cases => [.. Updates.SelectMany(step => new[] { (step, true), (step, false) })];

    static long[] Shape(bool isVector) => isVector ? [Elements] : [1, Elements];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Five_updates_follow_the_algorithm_in_double(OptimizerStep step, bool isVector)
    {
        using var pool = new MemoryPool();
        using var weight = HostTensor.Zeros(pool, DataType.Float32, Shape(isVector));
        using var parameter = new TrainedParameter("w", weight, pool);
        var (w, m, v) = (new double[Elements], new double[Elements], new double[Elements]);
        var random = new Random(5);
        for (var i = 0; i < Elements; i++)
        {
            weight.Span<float>()[i] = random.NextSingle() - 0.5f;
            w[i] = weight.Span<float>()[i];
        }

        for (var t = 1; t <= 5; t++)
        {
            double[] g = [.. Enumerable.Range(0, Elements).Select(_ => (double)(random.NextSingle() - 0.4f))];
            for (var i = 0; i < Elements; i++)
            {
                parameter.Gradient.Span<float>()[i] = (float)g[i];
            }

            var result = new AdamW(ParameterChunk.Of([parameter]), 2).Apply(step with { Number = t });

            // Algorithm 2 of arXiv:1711.05101 after clipping to the global norm.
            var norm = Math.Sqrt(g.Sum(x => x * x));
            AssertClose(norm, result.GradNorm, relative: Tolerances.Float32);
            var clip = step.MaxGradNorm > 0 ? Math.Min(1, step.MaxGradNorm / (norm + 1e-6)) : 1;
            var (beta1, beta2, decays) = ((double)step.Beta1, (double)step.Beta2, step.DecaysVectors || !isVector);
            for (var i = 0; i < Elements; i++)
            {
                var gi = g[i] * clip;
                m[i] = (beta1 * m[i]) + ((1 - beta1) * gi);
                v[i] = (beta2 * v[i]) + ((1 - beta2) * gi * gi);
                w[i] -= decays ? 0.01 * step.WeightDecay * w[i] : 0;
                w[i] -= 0.01 * (m[i] / (1 - Math.Pow(beta1, t))) / (Math.Sqrt(v[i] / (1 - Math.Pow(beta2, t))) + step.Epsilon);
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
        using var parameter = new TrainedParameter("w", weight, pool);
        parameter.Gradient.Span<float>()[^1] = bad;
        var result = new AdamW(ParameterChunk.Of([parameter]), 2).Apply(new OptimizerStep(1, 0.01f, 1, 0));
        Assert.False(result.Applied);
        Assert.All(weight.Span<float>().ToArray(), x => Assert.Equal(0, x));
        Assert.All(parameter.Gradient.Span<float>().ToArray(), x => Assert.Equal(0, x));
    }

    [Fact]
    public void The_update_does_not_depend_on_the_number_of_threads()
    {
        Assert.Equal(Updated(threads: 1), Updated(threads: 4));

        static float[] Updated(int threads)
        {
            using var pool = new MemoryPool();
            using var weight = HostTensor.Zeros(pool, DataType.Float32, 300_000);
            using var parameter = new TrainedParameter("w", weight, pool);
            var random = new Random(9);
            foreach (ref var g in parameter.Gradient.Span<float>())
            {
                g = random.NextSingle() - 0.5f;
            }

            new AdamW(ParameterChunk.Of([parameter]), threads).Apply(new OptimizerStep(1, 0.01f, 1, 0.1f));
            return weight.Span<float>().ToArray();
        }
    }
}
