using OrtDpo.Autodiff.Building;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Rows;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Train.Tests.Devices;

namespace OrtDpo.Train.Tests.Engine;

public sealed class RowAdderTests
{
    [Fact]
    public void Rows_with_repeated_indices_add_up_in_order()
    {
        using var pool = new MemoryPool();
        using var adder = RowAdder.Of(pool.Device);
        using var target = HostTensor.Zeros(pool, DataType.Float32, 50, 8);
        var random = new Random(3);
        // Zipf-like: small numbers repeat often.
        long[] numbers = [.. Enumerable.Range(0, 400).Select(_ => (long)Math.Min(49, 1 / (random.NextDouble() + 0.02)))];
        float[] values = [.. Enumerable.Range(0, 400 * 8).Select(_ => random.NextSingle() - 0.5f)];
        using var indices = HostTensor.From<long>(pool, DataType.Int64, numbers, 400);
        using var rows = HostTensor.From<float>(pool, DataType.Float32, values, 400, 8);
        adder.Add(target, indices, rows, pool);

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
        using var adder = RowAdder.Of(pool.Device);
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

        using var indices = HostTensor.From<long>(pool, DataType.Int64, numbers, Tokens);
        using var rows = HostTensor.From<float>(pool, DataType.Float32, values, Tokens, Hidden);
        using var target = HostTensor.Zeros(pool, DataType.Float32, Vocabulary, Hidden);
        for (var run = 0; run < 20; run++)
        {
            target.Clear();
            adder.Add(target, indices, rows, pool);
            Assert.True(target.Span<float>().SequenceEqual(expected), $"Run {run} differs from the sum in order.");
        }
    }

    [Fact]
    public void An_index_outside_the_matrix_is_refused()
    {
        using var pool = new MemoryPool();
        using var adder = RowAdder.Of(pool.Device);
        using var target = HostTensor.Zeros(pool, DataType.Float32, 3, 2);
        using var indices = HostTensor.From<long>(pool, DataType.Int64, [3], 1);
        using var rows = HostTensor.From<float>(pool, DataType.Float32, [1, 1], 1, 2);
        Assert.Throws<ArgumentOutOfRangeException>(() => adder.Add(target, indices, rows, pool));
    }

    [Theory]
    [InlineData(50, 8, 400)]
    [InlineData(32_000, 384, 1152)]
    [InlineData(3, 5, 9_000)]
    public void The_adder_of_a_device_sums_rows_of_a_number_to_the_same_bits_in_every_run(int vocabulary, int hidden, int tokens)
    {
        OrtProcess.Start(2);
        var random = new Random(17);
        long[] numbers = [.. Enumerable.Range(0, tokens).Select(_ => (long)Math.Pow(vocabulary, random.NextDouble()) - 1)];
        float[] values = [.. Enumerable.Range(0, tokens * hidden).Select(_ => random.NextSingle() - 0.5f)];
        float[] before = [.. Enumerable.Range(0, vocabulary * hidden).Select(_ => random.NextSingle())];
        var expected = Array.ConvertAll(before, x => (double)x);
        var sizes = Array.ConvertAll(before, x => (double)x);
        for (var i = 0; i < values.Length; i++)
        {
            expected[(numbers[i / hidden] * hidden) + (i % hidden)] += values[i];
            sizes[(numbers[i / hidden] * hidden) + (i % hidden)] += Math.Abs(values[i]);
        }

        using var pool = new MemoryPool(new GuardedDevice());
        using var adder = RowAdder.Of(pool.Device);
        using var indices = DeviceTensor.From<long>(pool, DataType.Int64, numbers, tokens);
        using var rows = DeviceTensor.From<float>(pool, DataType.Float32, values, 1, tokens, hidden);
        float[]? first = null;
        for (var run = 0; run < 5; run++)
        {
            using var target = DeviceTensor.From<float>(pool, DataType.Float32, before, vocabulary, hidden);
            adder.Add(target, indices, rows, pool);
            var sums = target.ToArray<float>();
            first ??= sums;
            Assert.True(sums.AsSpan().SequenceEqual(first), $"Run {run} differs from the first.");
        }

        for (var i = 0; i < expected.Length; i++)
        {
            // Float sums of n numbers err by n roundings at most; a blocked product by far fewer. None of millions that hold has a message.
            if (!(Math.Abs(expected[i] - first![i]) <= 1e-6 * sizes[i]))
            {
                Assert.Fail($"Element {i} is {first[i]}; expected {expected[i]}.");
            }
        }
    }
}
