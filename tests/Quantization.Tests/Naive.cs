using System.Globalization;

namespace OrtDpo.Quantization.Tests;

/// <summary>
/// The formats once more, by their definitions: one number after the other in float64, the nearest of the sixteen by trying all.
/// </summary>
static class Naive
{
    // bitsandbytes/functional.py, get_4bit_type("nf4"), as it prints them.
    const string LevelText =
        "-1 -0.6961928009986877 -0.5250730514526367 -0.39491748809814453 -0.28444138169288635 -0.18477343022823334 -0.09105003625154495 0 "
        + "0.07958029955625534 0.16093020141124725 0.24611230194568634 0.33791524171829224 0.44070982933044434 0.5626170039176941 "
        + "0.7229568362236023 1";

    public static double[] Levels { get; } = [.. LevelText.Split(' ').Select(text => double.Parse(text, CultureInfo.InvariantCulture))];

    /// <summary>The number that the element at a row and a column stands for, before it is rounded to float32.</summary>
    public static double Number(QuantizedMatrix matrix, int row, int column)
    {
        var (block, code) = Place(matrix, row, column);
        return Numbers(matrix, block)[code];
    }

    /// <summary>The sixteen numbers that codes of a block stand for.</summary>
    public static double[] Numbers(QuantizedMatrix matrix, int block)
    {
        double scale = matrix.Scales[block];
        return matrix.Form.Format == QuantizedFormat.Nf4
            ? [.. Levels.Select(level => level * scale)]
            : [.. Enumerable.Range(0, 16).Select(code => (code - ZeroPoint(matrix, block)) * scale)];
    }

    /// <summary>The block of an element, counted over the whole matrix, and its code.</summary>
    public static (int Block, int Code) Place(QuantizedMatrix matrix, int row, int column)
    {
        if (matrix.Form.Format == QuantizedFormat.Nf4)
        {
            var index = (row * matrix.Columns) + column;
            var packed = matrix.Codes.Span[index / 2];
            return (index / matrix.Form.Block, index % 2 == 0 ? packed / 16 : packed % 16);
        }

        var block = (row * BlocksOfRow(matrix)) + (column / matrix.Form.Block);
        var inBlock = column % matrix.Form.Block;
        var pair = matrix.Codes.Span[(block * matrix.Form.Block / 2) + (inBlock / 2)];
        return (block, inBlock % 2 == 0 ? pair % 16 : pair / 16);
    }

    public static int ZeroPoint(QuantizedMatrix matrix, int block)
    {
        if (matrix.Form.Format == QuantizedFormat.Int4Symmetric)
        {
            return 8;
        }

        var (row, inRow) = Math.DivRem(block, BlocksOfRow(matrix));
        var pair = matrix.ZeroPoints.Span[(row * ((BlocksOfRow(matrix) + 1) / 2)) + (inRow / 2)];
        return inRow % 2 == 0 ? pair % 16 : pair / 16;
    }

    /// <summary>The values of each block.</summary>
    public static IEnumerable<float[]> Blocks(float[] values, int columns, QuantizedFormat format, int block) =>
        format == QuantizedFormat.Nf4 ? values.Chunk(block) : values.Chunk(columns).SelectMany(row => row.Chunk(block));

    /// <summary>To the nearest number of eight significant bits of at least 2⁻¹⁴; 0 stays 0.</summary>
    public static double EightBits(double scale)
    {
        if (scale == 0)
        {
            return 0;
        }

        var unit = Math.Pow(2, Math.Floor(Math.Log2(Math.Abs(scale))) - 7);
        var rounded = Math.Round(scale / unit, MidpointRounding.ToEven) * unit;
        return Math.Abs(rounded) < Math.Pow(2, -14) ? Math.CopySign(Math.Pow(2, -14), scale) : rounded;
    }

    static int BlocksOfRow(QuantizedMatrix matrix) => (matrix.Columns + matrix.Form.Block - 1) / matrix.Form.Block;
}
