using OrtDpo.Train.Engine;

namespace OrtDpo.Train.Tests.Engine;

public sealed class MomentCodesTests
{
    const int Seed = 11;

    // Whole blocks, short ones, and such that no vector fills.
    public static TheoryData<int, float> Blocks =>
        [.. from length in (int[])[256, 255, 100, 32, 31, 1] from size in (float[])[1e-30f, 1e-8f, 1, 1e17f] select (length, size)];

    [Theory]
    [MemberData(nameof(Blocks))]
    public void A_first_moment_comes_back_within_half_a_code_of_its_block(int length, float size)
    {
        var values = Values(length, size);
        var codes = new sbyte[length];
        var scale = MomentCodes.EncodeFirst(values, codes);
        var back = new float[length];
        MomentCodes.DecodeFirst(codes, scale, back);
        AssertClose(values.Max(Math.Abs) / 127.0, scale, Tolerances.Float32 * size);
        for (var i = 0; i < length; i++)
        {
            Assert.InRange(values[i] / (double)scale, codes[i] - 0.5001, codes[i] + 0.5001);
            Assert.Equal(codes[i] * scale, back[i]);
        }
    }

    [Theory]
    [MemberData(nameof(Blocks))]
    public void The_root_of_a_second_moment_comes_back_within_one_code_of_its_block(int length, float size)
    {
        float[] values = [.. Values(length, size).Select(x => x * x)];
        var codes = new byte[length];
        var thresholds = MomentCodes.Thresholds(3);
        var scale = MomentCodes.EncodeSecond(values, thresholds, codes);
        var back = new float[length];
        MomentCodes.DecodeSecond(codes, scale, back);
        for (var i = 0; i < length; i++)
        {
            var root = scale == 0 ? 0 : Math.Sqrt(values[i]) / scale;
            AssertRounded(Math.Max(root, values[i] > 0 ? 1 - thresholds[i] : 0), thresholds[i], codes[i], 0, 255);
            Assert.Equal(codes[i] * scale * (codes[i] * scale), back[i]);
        }
    }

    [Fact]
    public void Zeros_stay_zeros()
    {
        var thresholds = MomentCodes.Thresholds(5);
        Assert.Equal(new sbyte[256], First(new float[256]).Codes);
        Assert.Equal(new byte[256], Second(new float[256], thresholds).Codes);
        // Also beside others, whatever is added.
        float[] values = [1, .. new float[255]];
        Assert.All(First(values).Codes[1..], code => Assert.Equal(0, code));
        Assert.All(Second(values, thresholds).Codes[1..], code => Assert.Equal(0, code));
    }

    [Fact]
    public void A_small_second_moment_beside_a_large_one_is_not_zero()
    {
        float[] values = [1, 1e-44f, .. Enumerable.Repeat(1e-20f, 254)];
        for (var step = 1; step <= 20; step++)
        {
            Assert.All(Second(values, MomentCodes.Thresholds(step)).Codes, code => Assert.NotEqual(0, code));
        }
    }

    [Fact]
    public void A_block_of_denormals_keeps_its_roots_and_loses_its_first_moments()
    {
        float[] values = [.. Enumerable.Range(1, 256).Select(i => i * float.Epsilon)];
        var (firstCodes, firstScale) = First(values);
        Assert.Equal((0, 0f), (firstCodes.Max(), firstScale));
        var (secondCodes, secondScale) = Second(values, MomentCodes.Thresholds(1));
        Assert.Equal(255, secondCodes[^1]);
        AssertClose(Math.Sqrt(256.0 * float.Epsilon) / 255, secondScale, 1e-6 * secondScale);
    }

    [Fact]
    public void The_largest_floats_are_stored_and_an_infinite_second_moment_counts_as_the_largest()
    {
        var (codes, scale) = First([float.MaxValue, -float.MaxValue, 0]);
        Assert.Equal([127, -127, 0], codes);
        Assert.True(float.IsFinite(scale * 127));
        var (roots, rootScale) = Second([float.PositiveInfinity, float.MaxValue, 1, 0], MomentCodes.Thresholds(1));
        Assert.Equal([255, 255, 1, 0], roots);
        Assert.True(float.IsFinite(rootScale));
    }

    [Fact]
    public void Rounding_is_even_over_each_stretch_of_steps()
    {
        // 1.3 and 77.7 codes beside the largest: the mean over 100 steps is theirs to a hundredth or two.
        float[] roots = [.. Enumerable.Repeat(1.3f / 255, 100), .. Enumerable.Repeat(77.7f / 255, 155), 1];
        float[] values = [.. roots.Select(root => root * root)];
        var sums = new double[256];
        for (var step = 1; step <= 100; step++)
        {
            var codes = Second(values, MomentCodes.Thresholds(1_000 + step)).Codes;
            for (var i = 0; i < 256; i++)
            {
                sums[i] += codes[i] / 100.0;
            }
        }

        Assert.All(sums[..100], mean => Assert.InRange(mean, 1.27, 1.33));
        Assert.All(sums[100..255], mean => Assert.InRange(mean, 77.67, 77.73));
        Assert.Equal(255, sums[255], 1e-9);
    }

    [Fact]
    public void Thresholds_lie_in_the_unit_interval_and_differ_from_step_to_step()
    {
        Assert.All(Enumerable.Range(1, 50), step => Assert.All(
            MomentCodes.Thresholds(step), threshold => Assert.True(threshold is >= 0 and < 1)));
        Assert.NotEqual(MomentCodes.Thresholds(1), MomentCodes.Thresholds(2));
    }

    // On the border of two codes float32 may take either.
    static void AssertRounded(double value, double threshold, int code, int least, int most)
    {
        var sum = value + threshold;
        var expected = Math.Clamp(Math.Floor(sum), least, most);
        if (Math.Abs(sum - Math.Round(sum)) > 1e-4)
        {
            Assert.Equal(expected, code);
        }
        else
        {
            Assert.InRange(code, Math.Clamp(Math.Round(sum) - 1, least, most), Math.Clamp(Math.Round(sum), least, most));
        }
    }

    static (sbyte[] Codes, float Scale) First(float[] values)
    {
        var codes = new sbyte[values.Length];
        var scale = MomentCodes.EncodeFirst(values, codes);
        return (codes, scale);
    }

    static (byte[] Codes, float Scale) Second(float[] values, float[] thresholds)
    {
        var codes = new byte[values.Length];
        var scale = MomentCodes.EncodeSecond(values, thresholds, codes);
        return (codes, scale);
    }

    // Of all sizes up to the given one.
    static float[] Values(int length, float size)
    {
        var random = new Random(Seed);
        return [.. Enumerable.Range(0, length)
            .Select(_ => size * (float)Math.Pow(random.NextDouble(), 3) * (random.Next(2) == 0 ? 1 : -1))];
    }
}
