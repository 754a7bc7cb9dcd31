using OrtDpo.Quantization;

namespace OrtDpo.Models.Quantized;

/// <summary>A model's linear weights in 8 bits, which hosts run and nothing here trains on.</summary>
public static class EightBitWeights
{
    /// <summary>
    /// Quantises the linear weights of a folder's layers. The folder then has, in float32, what these stand for; of weights that are in 4
    /// bits, it is that which is quantised.
    /// </summary>
    /// <param name="folder">A model that is mapped to be read.</param>
    /// <param name="threads">Threads at most; the numbers do not depend on them.</param>
    /// <returns>The matrices [out, in], by the names of the weights.</returns>
    /// <exception cref="InvalidDataException">A weight is not finite; the message says which.</exception>
    public static IReadOnlyDictionary<string, Int8Matrix> Quantise(ModelFolder folder, int threads)
    {
        QuantizedBase.Dequantise(folder);
        var matrices = new Dictionary<string, Int8Matrix>(StringComparer.Ordinal);
        foreach (var (name, product) in QuantizedBase.LinearWeights(folder.Model))
        {
            var matrix = Int8Matrix.Quantise(QuantizedBase.SourceOf(folder, name, product), threads: threads);
            matrices.Add(name, matrix);
            DequantisedRows.Put(
                folder, name, matrix.Rows, matrix.Columns, product.IsInOut, (row, numbers) => matrix.DequantiseRows(row, 1, numbers));
        }

        return matrices;
    }
}
