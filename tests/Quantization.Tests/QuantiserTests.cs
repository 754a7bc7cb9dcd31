using FsCheck;
using FsCheck.Fluent;

namespace OrtDpo.Quantization.Tests;

/// <summary>What holds for every format, whatever the numbers are.</summary>
public sealed class QuantiserTests
{
    static readonly Config Some = Config.QuickThrowOnFailure.WithMaxTest(20);

    static readonly Arbitrary<(int Rows, int Columns, int Seed)> Matrices =
        Gen.Choose(1, 9).SelectMany(_ => Gen.Choose(1, 300), (rows, columns) => (rows, columns))
            .SelectMany(_ => Gen.Choose(0, 1_000_000), (shape, seed) => (shape.rows, shape.columns, seed)).ToArbitrary();

    public static TheoryData<QuantizedFormat, int, ScaleRounding> Forms => new(
        from format in Enum.GetValues<QuantizedFormat>()
        from block in new[] { 32, 64, 128 }
        from rounding in Enum.GetValues<ScaleRounding>()
        select (format, block, rounding));

    public static TheoryData<QuantizedFormat> Formats => new(Enum.GetValues<QuantizedFormat>());

    [Theory]
    [MemberData(nameof(Forms))]
    public void Every_value_gets_the_nearest_of_its_blocks_sixteen_numbers(QuantizedFormat format, int block, ScaleRounding rounding) =>
        Prop.ForAll(Matrices, shape =>
        {
            using var weights = TestMatrix.Weights(shape.Rows, shape.Columns, shape.Seed);
            var matrix = Quantise(weights.Source, format, block, rounding);
            for (var i = 0; i < weights.Values.Length; i++)
            {
                var (row, column) = Math.DivRem(i, shape.Columns);
                var (at, code) = Naive.Place(matrix, row, column);
                var numbers = Naive.Numbers(matrix, at);
                var nearest = numbers.Min(number => Math.Abs(number - weights.Values[i]));

                // Two numbers may be as near as float32 can tell.
                var unit = Math.Abs(matrix.Scales[at]);
                var distance = Math.Abs(numbers[code] - weights.Values[i]);
                AssertClose(nearest, distance, absolute: Tolerances.Float32 * unit);
            }
        }).Check(Some);

    /// <summary>
    /// Half the largest gap: of nf4 that between −1 and the next level, of int4 a step; rounding a scale takes up to 2⁻⁸ of all steps from
    /// the ends. Without zero points a value may lie a whole step beyond the end, where 8 is cut to 7.
    /// </summary>
    [Theory]
    [MemberData(nameof(Forms))]
    public void No_value_moves_farther_than_half_the_largest_gap(QuantizedFormat format, int block, ScaleRounding rounding) =>
        Prop.ForAll(Matrices, shape =>
        {
            using var weights = TestMatrix.Weights(shape.Rows, shape.Columns, shape.Seed);
            var matrix = Quantise(weights.Source, format, block, rounding);
            var found = new float[weights.Values.Length];
            matrix.Dequantise(found);
            var bound = format switch
            {
                QuantizedFormat.Nf4 => (Naive.Levels[1] - Naive.Levels[0]) / 2,
                QuantizedFormat.Int4Symmetric => 1 + (8 * Math.Pow(2, -8)),
                _ => 0.5 + (15 * Math.Pow(2, -8)),
            };
            for (var i = 0; i < found.Length; i++)
            {
                var (row, column) = Math.DivRem(i, shape.Columns);
                double scale = matrix.Scales[Naive.Place(matrix, row, column).Block];
                Assert.True(Math.Abs(found[i] - weights.Values[i]) <= (bound + Tolerances.Float32) * Math.Abs(scale), $"[{i}]");
            }
        }).Check(Some);

    [Theory]
    [MemberData(nameof(Forms))]
    public void Scales_are_those_of_the_definition(QuantizedFormat format, int block, ScaleRounding rounding) =>
        Prop.ForAll(Matrices, shape =>
        {
            using var weights = TestMatrix.Weights(shape.Rows, shape.Columns, shape.Seed);
            var matrix = Quantise(weights.Source, format, block, rounding);
            var blocks = Naive.Blocks(weights.Values, shape.Columns, format, block).ToArray();
            Assert.Equal(blocks.Length, matrix.Scales.Length);
            for (var i = 0; i < blocks.Length; i++)
            {
                var (low, high) = (Math.Min(0, (double)blocks[i].Min()), Math.Max(0, (double)blocks[i].Max()));
                var scale = format switch
                {
                    QuantizedFormat.Nf4 => Math.Max(high, -low),
                    QuantizedFormat.Int4Symmetric => (high > -low ? high : low) / -8,
                    _ => (float)((high - low) / 15),
                };
                Assert.Equal(rounding == ScaleRounding.None ? scale : Naive.EightBits(scale), matrix.Scales[i]);
                if (format == QuantizedFormat.Int4ZeroPoints && matrix.Scales[i] > 0)
                {
                    AssertClose(-low / matrix.Scales[i], Naive.ZeroPoint(matrix, i), absolute: 0.5 + (15 * Math.Pow(2, -8)));
                }
            }
        }).Check(Some);

    [Theory]
    [MemberData(nameof(Forms))]
    public void Rounded_scales_are_the_same_number_in_every_dtype(QuantizedFormat format, int block, ScaleRounding rounding)
    {
        using var weights = TestMatrix.Weights(40, 200, seed: 3);
        foreach (var scale in Quantise(weights.Source, format, block, rounding).Scales)
        {
            var (half, upper) = ((float)(Half)scale, BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(scale) & 0xFFFF0000));
            Assert.True(rounding == ScaleRounding.None || (half == scale && upper == scale && (scale == 0 || Half.IsNormal((Half)scale))));
        }
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_block_of_zeros_has_scale_0_and_stays_zeros(QuantizedFormat format, int block, ScaleRounding rounding)
    {
        using var zeros = new TestMatrix([.. new float[200], -0f, -0f], 2, 101);
        var matrix = Quantise(zeros.Source, format, block, rounding);
        Assert.All(matrix.Scales.ToArray(), scale => Assert.Equal(0u, BitConverter.SingleToUInt32Bits(scale)));
        Assert.All(matrix.Codes.ToArray(), codes => Assert.Equal(format == QuantizedFormat.Nf4 ? 0x77 : 0x88, codes));
        Assert.All(Dequantised(matrix), number => Assert.Equal(0u, BitConverter.SingleToUInt32Bits(number)));
    }

    /// <summary>The smallest numbers of float32 have fewer bits than others; their reciprocals are infinite.</summary>
    [Theory]
    [MemberData(nameof(Formats))]
    public void Unrounded_scales_may_be_denormal(QuantizedFormat format)
    {
        using var tiny = new TestMatrix([.. Enumerable.Range(-32, 64).Select(i => i * 1e-41f)], 1, 64);
        var matrix = Quantise(tiny.Source, format, 64, ScaleRounding.None);
        var scale = Math.Abs(matrix.Scales[0]);
        Assert.True(scale is > 0 and < 1.2e-38f);
        foreach (var (expected, found) in tiny.Values.Zip(Dequantised(matrix)))
        {
            AssertClose(expected, found, absolute: format == QuantizedFormat.Nf4 ? 0.152 * scale : 1.0001 * scale);
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void What_is_smaller_than_the_smallest_scale_becomes_0(QuantizedFormat format)
    {
        using var tiny = new TestMatrix([.. Enumerable.Range(-32, 64).Select(i => i * 1e-41f)], 1, 64);
        var matrix = Quantise(tiny.Source, format, 64, ScaleRounding.EightBits);
        Assert.Equal(BlockScale.Smallest, Math.Abs(matrix.Scales[0]));
        Assert.All(Dequantised(matrix), number => Assert.Equal(0, number));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Unrounded_scales_reach_as_far_as_float32(QuantizedFormat format)
    {
        using var huge = new TestMatrix([.. Enumerable.Range(0, 64).Select(i => i % 2 == 0 ? float.MaxValue : -float.MaxValue / 2)], 1, 64);
        var scale = Math.Abs((double)Quantise(huge.Source, format, 64, ScaleRounding.None).Scales[0]);
        AssertClose(
            format switch { QuantizedFormat.Nf4 => 1.0, QuantizedFormat.Int4Symmetric => 1 / 8.0, _ => 1.5 / 15 },
            scale / float.MaxValue, relative: Tolerances.Float32);
    }

    // 65408 is half way from 65280 to 2^16 and goes to the even one, 2^16. Integers have scales that are smaller by 8 or 15.
    [Theory]
    [InlineData(QuantizedFormat.Nf4, 65407.99f, 65408f)]
    [InlineData(QuantizedFormat.Int4Symmetric, 523263.9f, 523264f)]
    [InlineData(QuantizedFormat.Int4ZeroPoints, 981119.8f, 981120f)]
    public void A_value_that_needs_too_large_a_scale_is_refused(QuantizedFormat format, float fits, float tooLarge)
    {
        var values = new float[130];
        values[77] = fits;
        using var large = new TestMatrix(values, 2, 65);
        Assert.Equal(BlockScale.Largest, Quantise(large.Source, format, 32, ScaleRounding.EightBits).Scales.ToArray().Max(MathF.Abs));
        values[77] = tooLarge;
        using var larger = new TestMatrix(values, 2, 65);
        var error = Assert.Throws<InvalidDataException>(() => Quantise(larger.Source, format, 32, ScaleRounding.EightBits));
        Assert.Equal(
            FormattableString.Invariant($"Tensor 'w' holds {tooLarge} at row 1, column 12 (index 77), which needs a larger scale than ")
            + "65280, the largest that float16 and bfloat16 both hold. Leave this tensor as it is, or keep its scales unrounded.",
            error.Message);
        Quantise(larger.Source, format, 32, ScaleRounding.None);
    }

    [Theory]
    [InlineData(QuantizedFormat.Nf4, float.NaN, "NaN")]
    [InlineData(QuantizedFormat.Nf4, float.PositiveInfinity, "Infinity")]
    [InlineData(QuantizedFormat.Int4Symmetric, float.NegativeInfinity, "-Infinity")]
    [InlineData(QuantizedFormat.Int4ZeroPoints, float.NaN, "NaN")]
    public void The_first_value_that_is_no_number_is_named(QuantizedFormat format, float value, string text)
    {
        // Two more behind it, in its block and in another range, which another thread may meet first.
        var values = new float[200 * 300];
        (values[30_217], values[30_219], values[55_000]) = (value, float.NaN, float.NaN);
        using var bad = new TestMatrix(values, 200, 300);
        foreach (var rounding in Enum.GetValues<ScaleRounding>())
        {
            foreach (var threads in new[] { 1, 2 })
            {
                var error = Assert.Throws<InvalidDataException>(() => Quantise(bad.Source, format, 64, rounding, threads));
                Assert.Equal(
                    $"Tensor 'w' holds {text} at row 100, column 217 (index 30217). Only finite weights can be quantized. "
                    + "Get the file again, or correct the model.", error.Message);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Neither_threads_nor_a_second_run_change_a_byte(QuantizedFormat format)
    {
        using var weights = TestMatrix.Normal(129, 517, seed: 11);
        var first = Quantise(weights.Source, format, 64, ScaleRounding.EightBits);
        foreach (var threads in new[] { 1, 2, 3 })
        {
            AssertSame(first, Quantise(weights.Source, format, 64, ScaleRounding.EightBits, threads));
        }

        Assert.Equal(QuantizationError.Squared(weights.Source, first), QuantizationError.Squared(weights.Source, first, threads: 2));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Values_of_16_bits_are_quantised_as_their_float32(QuantizedFormat format)
    {
        using var weights = TestMatrix.Normal(70, 517, seed: 12);
        foreach (var type in new[] { SourceType.Float16, SourceType.BFloat16 })
        {
            using var narrow = weights.Narrowed(type);
            using var wide = new TestMatrix(narrow.Values, 70, 517);
            var matrix = Quantise(narrow.Source, format, 64, ScaleRounding.EightBits);
            AssertSame(Quantise(wide.Source, format, 64, ScaleRounding.EightBits), matrix);
            Assert.Equal(QuantizationError.Squared(wide.Source, matrix), QuantizationError.Squared(narrow.Source, matrix));
        }
    }

    /// <summary>What docs of <see cref="BlockScale"/> promise, with a margin.</summary>
    [Theory]
    [MemberData(nameof(Formats))]
    public void Rounding_scales_costs_little(QuantizedFormat format)
    {
        using var weights = TestMatrix.Normal(256, 1024, seed: 13);
        var exact = QuantizationError.Squared(weights.Source, Quantise(weights.Source, format, 64, ScaleRounding.None));
        var rounded = QuantizationError.Squared(weights.Source, Quantise(weights.Source, format, 64, ScaleRounding.EightBits));
        Assert.InRange(rounded / exact, 0.999, 1.001);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(16)]
    [InlineData(48)]
    [InlineData(8192)]
    public void Blocks_are_powers_of_two(int block)
    {
        using var weights = TestMatrix.Normal(2, 64, seed: 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => Nf4.Quantise(weights.Source, block));
        Assert.Throws<ArgumentOutOfRangeException>(() => Int4.Quantise(weights.Source, QuantizedFormat.Int4Symmetric, block));
    }

    [Fact]
    public void What_cannot_be_asked_for_is_refused()
    {
        using var weights = TestMatrix.Normal(2, 64, seed: 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => Int4.Quantise(weights.Source, QuantizedFormat.Nf4));
        Assert.Throws<ArgumentOutOfRangeException>(() => Nf4.Quantise(weights.Source, threads: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Nf4.Quantise(weights.Source with { Rows = 0 }));
        Assert.Throws<NotSupportedException>(() => Nf4.Quantise(weights.Source with { Rows = 1 << 20, Columns = 1 << 12 }));
        var matrix = Nf4.Quantise(weights.Source);
        Assert.Throws<ArgumentException>(() => QuantizationError.Squared(weights.Source with { Rows = 1 }, matrix));
    }

    internal static QuantizedMatrix Quantise(
        SourceMatrix source, QuantizedFormat format, int block, ScaleRounding rounding, int threads = 1) => format == QuantizedFormat.Nf4
            ? Nf4.Quantise(source, block, rounding, threads)
            : Int4.Quantise(source, format, block, rounding, threads);

    internal static float[] Dequantised(QuantizedMatrix matrix)
    {
        var numbers = new float[matrix.Rows * matrix.Columns];
        matrix.Dequantise(numbers);
        return numbers;
    }

    internal static void AssertSame(QuantizedMatrix expected, QuantizedMatrix found)
    {
        Assert.Equal((expected.Form, expected.Rows, expected.Columns), (found.Form, found.Rows, found.Columns));
        Assert.True(expected.Codes.Span.SequenceEqual(found.Codes.Span), "codes");
        Assert.True(expected.ScaleBytes.Span.SequenceEqual(found.ScaleBytes.Span), "scales");
        Assert.True(expected.ZeroPoints.Span.SequenceEqual(found.ZeroPoints.Span), "zero points");
    }
}
