namespace OrtDpo.GpuCheck.Checks;

/// <summary>Comparing arrays of numbers.</summary>
static class Numbers
{
    /// <summary>The largest difference, of the largest of what is expected; not a number where one is none.</summary>
    public static double Difference(ReadOnlySpan<double> expected, ReadOnlySpan<float> found)
    {
        double most = 0, scale = 0;
        for (var i = 0; i < expected.Length; i++)
        {
            var difference = Math.Abs(expected[i] - found[i]);
            most = double.IsNaN(difference) ? double.NaN : Math.Max(most, difference);
            scale = Math.Max(scale, Math.Abs(expected[i]));
        }

        return most / scale;
    }

    /// <summary>The same of numbers in float32.</summary>
    public static double Difference(float[] expected, float[] found) => Difference(Array.ConvertAll(expected, x => (double)x), found);

    /// <summary>The largest of some differences; not a number where one is none, which <c>Max</c> would pass over.</summary>
    public static double Largest(IEnumerable<double> differences) => differences.Aggregate(0.0, Math.Max);

    /// <summary>A product of matrices in float64, <c>[rows, columns]</c>.</summary>
    /// <param name="a"><c>[rows, inner]</c>.</param>
    /// <param name="b"><c>[inner, columns]</c>.</param>
    /// <param name="rows">Rows of the product.</param>
    /// <param name="inner">What is summed over.</param>
    /// <param name="columns">Columns of the product.</param>
    public static double[] Product(float[] a, float[] b, int rows, int inner, int columns)
    {
        var product = new double[rows * columns];
        Parallel.For(0, rows, i =>
        {
            var row = product.AsSpan(i * columns, columns);
            for (var k = 0; k < inner; k++)
            {
                double factor = a[(i * inner) + k];
                for (var j = 0; j < columns; j++)
                {
                    row[j] += factor * b[(k * columns) + j];
                }
            }
        });
        return product;
    }
}
