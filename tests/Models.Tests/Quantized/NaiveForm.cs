using OrtDpo.Quantization;
using OrtDpo.Quantization.Tests;

namespace OrtDpo.Models.Tests.Quantized;

/// <summary>The forms of a base by their definitions, in float64: the sixteen numbers that a value may become.</summary>
static class NaiveForm
{
    /// <summary>Checks that every number of a matrix became the nearest of its sixteen.</summary>
    /// <param name="form"><c>nf4</c>, <c>int4</c> or <c>int4-128</c>.</param>
    /// <param name="matrix">[rows, columns].</param>
    /// <param name="columns">The inputs.</param>
    /// <param name="found">What became of it.</param>
    public static void AssertNearest(string form, float[] matrix, int columns, float[] found)
    {
        Assert.Equal(matrix.Length, found.Length);
        var at = 0;
        foreach (var (value, numbers) in Choices(form, matrix, columns))
        {
            var (nearest, distance, largest) = (double.PositiveInfinity, double.PositiveInfinity, 0.0);
            foreach (var number in numbers)
            {
                nearest = Math.Min(nearest, Math.Abs(number - value));
                distance = (float)number == found[at] ? Math.Abs(number - value) : distance;
                largest = Math.Max(largest, Math.Abs(number));
            }

            // Two may be as near as float32 can tell.
            if (distance > nearest + (Tolerances.Float32 * largest))
            {
                Assert.Fail(FormattableString.Invariant($"[{at}] is {value} and became {found[at]}, of {string.Join(", ", numbers)}."));
            }

            at++;
        }
    }

    static IEnumerable<(float Value, double[] Numbers)> Choices(string form, float[] matrix, int columns)
    {
        if (form == "nf4")
        {
            return Each(Naive.Blocks(matrix, columns, QuantizedFormat.Nf4, 64), Nf4);
        }

        var blocks = Naive.Blocks(matrix, columns, QuantizedFormat.Int4Symmetric, form == "int4" ? 32 : 128).ToList();
        var (symmetric, zeroPoints) = (Each(blocks, Symmetric).ToList(), Each(blocks, ZeroPoint).ToList());
        return Error(zeroPoints) < Error(symmetric) ? zeroPoints : symmetric;
    }

    static IEnumerable<(float, double[])> Each(IEnumerable<float[]> blocks, Func<float[], double[]> numbers) =>
        blocks.SelectMany(block => numbers(block) is var sixteen ? block.Select(value => (value, sixteen)) : []);

    static double Error(IEnumerable<(float Value, double[] Numbers)> values) =>
        values.Sum(v => v.Numbers.Min(n => (n - v.Value) * (n - v.Value)));

    static double[] Nf4(float[] block)
    {
        var scale = Naive.EightBits(block.Max(MathF.Abs));
        return [.. Naive.Levels.Select(level => level * scale)];
    }

    // −8 stands for the value farthest from 0.
    static double[] Symmetric(float[] block)
    {
        var scale = Naive.EightBits(block.Max() > -block.Min() ? block.Max() / -8.0 : block.Min() / -8.0);
        return [.. Enumerable.Range(-8, 16).Select(step => step * scale)];
    }

    static double[] ZeroPoint(float[] block)
    {
        var (low, high) = (Math.Min(0, (double)block.Min()), Math.Max(0, (double)block.Max()));
        var scale = Naive.EightBits((high - low) / 15);
        var zero = scale > 0 ? Math.Clamp((int)Math.Round(-low / scale), 0, 15) : 8;
        return [.. Enumerable.Range(0, 16).Select(code => (code - zero) * scale)];
    }
}
