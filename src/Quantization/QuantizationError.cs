namespace OrtDpo.Quantization;

/// <summary>How far a quantized matrix is from what it was made of.</summary>
public static class QuantizationError
{
    /// <summary>
    /// The sum of (dequantised − source)² over the matrix, in float64; the same number whatever the number of threads.
    /// </summary>
    /// <param name="source">The matrix that was quantised.</param>
    /// <param name="quantized">What became of it.</param>
    /// <param name="threads">Threads at most.</param>
    /// <exception cref="ArgumentException">The matrices have different shapes.</exception>
    public static double Squared(SourceMatrix source, QuantizedMatrix quantized, int threads = 1)
    {
        if ((source.Rows, source.Columns) != (quantized.Rows, quantized.Columns))
        {
            throw new ArgumentException(
                $"'{source.Name}' is [{source.Rows}, {source.Columns}]; the quantized matrix is [{quantized.Rows}, {quantized.Columns}].",
                nameof(quantized));
        }

        var rows = Math.Max(1, FixedRanges.Values / source.Columns);
        var sums = new double[(source.Rows + rows - 1) / rows];
        FixedRanges.Run(sums.Length, threads, range =>
        {
            var (first, count) = (range * rows, Math.Min(rows, source.Rows - (range * rows)));
            var found = new float[count * source.Columns];
            quantized.DequantiseRows(first, count, found);
            sums[range] = Squared(source.Read((long)first * source.Columns, found.Length, source.Buffer(found.Length)), found);
            return null;
        });
        return sums.Sum();
    }

    // One after the other: the sum is the same on every machine.
    static double Squared(ReadOnlySpan<float> expected, ReadOnlySpan<float> found)
    {
        var sum = 0.0;
        for (var i = 0; i < expected.Length; i++)
        {
            var error = (double)found[i] - expected[i];
            sum += error * error;
        }

        return sum;
    }
}
