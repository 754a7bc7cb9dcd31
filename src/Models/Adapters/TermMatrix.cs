namespace OrtDpo.Models.Adapters;

/// <summary>The A or B of a term in float64, row-major.</summary>
static unsafe class TermMatrix
{
    /// <summary>The numbers of a folder's tensor.</summary>
    public static double[] Of(ModelFolder folder, string name)
    {
        var entry = folder.Find(name)!;
        var numbers = new float[entry.Count];
        fixed (float* target = numbers)
        {
            WeightConversion.ToFloat32(folder.Address(name), entry, (nint)target);
        }

        return Array.ConvertAll(numbers, number => (double)number);
    }

    /// <summary>A matrix <c>[rows, columns]</c> as <c>[columns, rows]</c>.</summary>
    public static T[] Transposed<T>(T[] matrix, int rows, int columns)
    {
        var transposed = new T[matrix.Length];
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                transposed[(column * rows) + row] = matrix[(row * columns) + column];
            }
        }

        return transposed;
    }
}
