using OrtDpo.Autodiff.Building;
using OrtDpo.Runtime.Memory;

namespace OrtDpo.Train.Tests.Engine;

public sealed class RowScatterTests
{
    [Fact]
    public void Rows_with_repeated_indices_add_up_in_order()
    {
        using var pool = new MemoryPool();
        using var target = NativeTensor.Zeros(pool, DataType.Float32, 50, 8);
        var random = new Random(3);
        // Zipf-like: small numbers repeat often.
        long[] numbers = [.. Enumerable.Range(0, 400).Select(_ => (long)Math.Min(49, 1 / (random.NextDouble() + 0.02)))];
        float[] values = [.. Enumerable.Range(0, 400 * 8).Select(_ => random.NextSingle() - 0.5f)];
        using var indices = NativeTensor.From<long>(pool, DataType.Int64, numbers, 400);
        using var rows = NativeTensor.From<float>(pool, DataType.Float32, values, 400, 8);
        RowScatter.Add(target, indices, rows);

        var expected = new float[50 * 8];
        for (var i = 0; i < values.Length; i++)
        {
            expected[(numbers[i / 8] * 8) + (i % 8)] += values[i];
        }

        Assert.Equal(expected, target.Span<float>().ToArray());
    }

    [Fact]
    public void Zipf_like_tokens_add_up_to_the_same_bits_in_every_run()
    {
        // The size at which ONNX Runtime's scatter lost updates in four of five runs; tiny ones never show it.
        const int Vocabulary = 32_000, Hidden = 384, Tokens = 1152;
        using var pool = new MemoryPool();
        var random = new Random(17);
        // The ids of a Zipf law: the logarithm is uniform.
        long[] numbers = [.. Enumerable.Range(0, Tokens).Select(_ => (long)Math.Pow(Vocabulary, random.NextDouble()) - 1)];
        Assert.InRange(numbers.Distinct().Count(), Tokens / 10, Tokens * 9 / 10);
        float[] values = [.. Enumerable.Range(0, Tokens * Hidden).Select(_ => random.NextSingle() - 0.5f)];
        var expected = new float[Vocabulary * Hidden];
        for (var i = 0; i < values.Length; i++)
        {
            expected[(numbers[i / Hidden] * Hidden) + (i % Hidden)] += values[i];
        }

        using var indices = NativeTensor.From<long>(pool, DataType.Int64, numbers, Tokens);
        using var rows = NativeTensor.From<float>(pool, DataType.Float32, values, Tokens, Hidden);
        using var target = NativeTensor.Zeros(pool, DataType.Float32, Vocabulary, Hidden);
        for (var run = 0; run < 20; run++)
        {
            target.Clear();
            RowScatter.Add(target, indices, rows);
            Assert.True(target.Span<float>().SequenceEqual(expected), $"Run {run} differs from the sum in order.");
        }
    }

    [Fact]
    public void An_index_outside_the_matrix_is_refused()
    {
        using var pool = new MemoryPool();
        using var target = NativeTensor.Zeros(pool, DataType.Float32, 3, 2);
        using var indices = NativeTensor.From<long>(pool, DataType.Int64, [3], 1);
        using var rows = NativeTensor.From<float>(pool, DataType.Float32, [1, 1], 1, 2);
        Assert.Throws<ArgumentOutOfRangeException>(() => RowScatter.Add(target, indices, rows));
    }
}
