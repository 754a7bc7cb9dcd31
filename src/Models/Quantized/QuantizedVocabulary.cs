using OrtDpo.Quantization;

namespace OrtDpo.Models.Quantized;

/// <summary>
/// A model's embedding and head in few bits, which hosts run and nothing here trains on. Where the head is the embedding, it is one matrix.
/// </summary>
public static class QuantizedVocabulary
{
    /// <summary>Values with one scale.</summary>
    public const int Block = Int4.UsualBlock;

    /// <summary>
    /// Quantises them to 4 bits without zero points. The folder then has, in float32, what these stand for.
    /// </summary>
    /// <param name="folder">A model that is mapped to be read.</param>
    /// <param name="threads">Threads at most; the numbers do not depend on them.</param>
    /// <returns>The matrices [vocabulary, features], by the names of the parameters.</returns>
    /// <exception cref="InvalidDataException">A weight is not finite or too large; the message says which.</exception>
    /// <exception cref="NotSupportedException">The model has none that are known, or rows that are no whole blocks.</exception>
    public static IReadOnlyDictionary<string, QuantizedMatrix> InFourBits(ModelFolder folder, int threads) => Quantise(
        folder, source => Int4.Quantise(source, QuantizedFormat.Int4Symmetric, Block, ScaleRounding.EightBits, threads),
        (matrix, row, numbers) => matrix.DequantiseRows(row, 1, numbers));

    /// <summary>The same in 8 bits.</summary>
    /// <inheritdoc cref="InFourBits"/>
    public static IReadOnlyDictionary<string, Int8Matrix> InEightBits(ModelFolder folder, int threads) => Quantise(
        folder, source => Int8Matrix.Quantise(source, Block, threads), (matrix, row, numbers) => matrix.DequantiseRows(row, 1, numbers));

    delegate void Row<in T>(T matrix, int row, Span<float> destination);

    static Dictionary<string, T> Quantise<T>(ModelFolder folder, Func<SourceMatrix, T> quantise, Row<T> row)
    {
        var matrices = new Dictionary<string, T>(StringComparer.Ordinal);
        foreach (var name in NamesOf(folder))
        {
            var (rows, columns) = ((int)folder.Find(name)!.Shape[0], (int)folder.Find(name)!.Shape[1]);
            var matrix = quantise(new SourceMatrix(name, folder.Address(name), QuantizedBase.TypeOf(folder, name), rows, columns));
            matrices.Add(name, matrix);
            DequantisedRows.Put(folder, name, rows, columns, isInOut: false, (index, numbers) => row(matrix, index, numbers));
        }

        return matrices;
    }

    static string[] NamesOf(ModelFolder folder)
    {
        var tie = folder.Model.Tie ?? throw new NotSupportedException(
            $"`QuantizeHead`: which parameters of {folder.Path} are its embedding and its head is not known. Leave it out.");
        return folder.Model.Sizes.HiddenSize % Block == 0
            ? tie.IsTied ? [tie.Embedding] : [tie.Embedding, tie.Head]
            : throw new NotSupportedException($"`QuantizeHead`: rows of {folder.Path} have {folder.Model.Sizes.HiddenSize} features, and "
                + $"are looked up in whole blocks of {Block}. Leave it out.");
    }
}
