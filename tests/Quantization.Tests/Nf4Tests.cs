namespace OrtDpo.Quantization.Tests;

public sealed class Nf4Tests
{
    // bitsandbytes/csrc/kernels.cu, dQuantizeNF4: the numbers that its tree of comparisons (x > t) has, in ascending order.
    static readonly float[] Thresholds =
    [
        -0.8480964004993439f, -0.6106329262256622f, -0.4599952697753906f, -0.33967943489551544f, -0.23460740596055984f,
        -0.13791173323988914f, -0.045525018125772476f, 0.03979014977812767f, 0.1202552504837513f, 0.2035212516784668f,
        0.2920137718319893f, 0.3893125355243683f, 0.5016634166240692f, 0.6427869200706482f, 0.8614784181118011f,
    ];

    [Fact]
    public void Levels_are_those_of_bitsandbytes()
    {
        Assert.Equal(Naive.Levels, Nf4.Levels.ToArray().Select(level => (double)level));
        for (var code = 0; code < 15; code++)
        {
            // A middle between two float32 is one of them.
            var middle = (Naive.Levels[code] + Naive.Levels[code + 1]) / 2;
            Assert.InRange(middle, MathF.BitDecrement(Thresholds[code]), MathF.BitIncrement(Thresholds[code]));
            AssertClose(middle, Thresholds[code], relative: 6e-8);
        }
    }

    /// <summary>
    /// create_normal_map(offset = 0.9677083): eight quantiles above the median and seven below, evenly spaced from the offset to 1/2, which
    /// itself is left out, and 0; divided by the largest.
    /// </summary>
    [Fact]
    public void Levels_are_quantiles_of_the_normal_distribution()
    {
        const double Offset = 0.9677083;
        double[] above = [.. Enumerable.Range(0, 8).Select(i => Quantile(Offset + ((0.5 - Offset) * i / 8)))];
        double[] below = [.. Enumerable.Range(0, 7).Select(i => -Quantile(Offset + ((0.5 - Offset) * i / 7)))];
        double[] expected = [.. below.Append(0).Concat(above).Order().Select(q => q / above[0])];
        AssertClose(expected, Nf4.Levels, absolute: Tolerances.Float32);
    }

    /// <summary>Values at each threshold and beside it, and random ones: the codes are those of bitsandbytes' comparisons.</summary>
    [Theory]
    [InlineData(1f)]
    [InlineData(0.75f)]
    [InlineData(0.0334f)]
    [InlineData(1.7e-30f)]
    public void Codes_with_unrounded_scales_are_those_of_bitsandbytes(float absMax)
    {
        var random = new Random(5);
        var values = new List<float>();
        foreach (var threshold in Thresholds)
        {
            var at = threshold * absMax;
            values.AddRange([
                at, MathF.BitIncrement(at), MathF.BitDecrement(at),
                MathF.BitIncrement(MathF.BitIncrement(at)), MathF.BitDecrement(MathF.BitDecrement(at)),
            ]);
        }

        while (values.Count < 64 * 200)
        {
            values.Add((float)((2 * random.NextDouble()) - 1) * absMax);
        }

        var shuffled = values.ToArray();
        random.Shuffle(shuffled);
        for (var i = 0; i < shuffled.Length; i += 64)
        {
            shuffled[i + (i / 64 % 64)] = i % 128 == 0 ? absMax : -absMax;
        }

        // An odd number: the last low nibble counts as 0.
        using var weights = new TestMatrix([.. shuffled, absMax / 2], 1, shuffled.Length + 1);
        var matrix = Nf4.Quantise(weights.Source, rounding: ScaleRounding.None);
        var expected = new byte[(weights.Values.Length + 1) / 2];
        for (var i = 0; i < 2 * expected.Length; i++)
        {
            var block = weights.Values.AsSpan(i / 64 * 64, Math.Min(64, weights.Values.Length - (i / 64 * 64))).ToArray();
            var reciprocal = 1f / block.Max(MathF.Abs);
            var x = i < weights.Values.Length ? weights.Values[i] * reciprocal : 0;
            var code = Thresholds.Count(threshold => x > threshold);
            expected[i / 2] |= (byte)(i % 2 == 0 ? code << 4 : code);
        }

        Assert.Equal(expected, matrix.Codes.ToArray());
        Assert.Equal(absMax, matrix.Scales[0]);
    }

    [Fact]
    public void The_first_code_is_in_the_high_nibble()
    {
        using var weights = new TestMatrix([-2, 2, 0, 1], 1, 4);
        var matrix = Nf4.Quantise(weights.Source);

        // 1/2 lies between 0.4407 (12) and 0.5626 (13), and below their middle, 0.5017.
        Assert.Equal([0x0F, 0x7C], matrix.Codes.ToArray());
        Assert.Equal([2f], matrix.Scales.ToArray());
        Assert.Equal([-2, 2, 0, 2 * 0.44070982933044434f], QuantiserTests.Dequantised(matrix));
    }

    static double Quantile(double probability)
    {
        var (low, high) = (0.0, 4.0);
        for (var i = 0; i < 60; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = Distribution(middle) < probability ? (middle, high) : (low, middle);
        }

        return low;
    }

    // Φ(x) = 1/2 + φ(x) (x + x³/3 + x⁵/(3·5) + …)
    static double Distribution(double x)
    {
        var (term, sum) = (x, x);
        for (var n = 3; n < 200; n += 2)
        {
            term *= x * x / n;
            sum += term;
        }

        return 0.5 + (sum * Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI));
    }
}
