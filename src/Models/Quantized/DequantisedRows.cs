using OrtDpo.Safetensors;

namespace OrtDpo.Models.Quantized;

/// <summary>What a quantised matrix stands for, in the place of the parameter that it was made of.</summary>
static class DequantisedRows
{
    /// <summary>Writes a row of the matrix [out, in].</summary>
    public delegate void Row(int index, Span<float> destination);

    /// <summary>Puts the numbers there, as float32.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">The parameter.</param>
    /// <param name="rows">Rows of the matrix.</param>
    /// <param name="columns">Its columns.</param>
    /// <param name="isInOut">Whether the parameter is the matrix transposed.</param>
    /// <param name="row">A row of the matrix.</param>
    public static unsafe void Put(ModelFolder folder, string name, int rows, int columns, bool isInOut, Row row)
    {
        var entry = folder.Find(name)!;
        var block = NativeBlock.Allocate(entry.Count * sizeof(float));
        var target = (float*)block.Address;
        var numbers = new float[columns];
        for (var i = 0; i < rows; i++)
        {
            row(i, numbers);
            for (var j = 0; j < columns; j++)
            {
                target[isInOut ? ((long)j * rows) + i : ((long)i * columns) + j] = numbers[j];
            }
        }

        folder.Release(name);
        folder.Replace(name, block, entry with { Type = WeightType.F32, ByteCount = entry.Count * sizeof(float) });
    }
}
