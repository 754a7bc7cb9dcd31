using System.Runtime.InteropServices;
using OrtDpo.Quantization;

namespace OrtDpo.Models.Quantized;

/// <summary>
/// Matrices in int4 that are rows of others. Blocks run along a row, and zero points are packed row by row: rows keep their bytes.
/// </summary>
static class QuantizedRows
{
    /// <summary>Who chose the codes: a tool of ONNX's, which one does not say.</summary>
    const string Quantizer = "onnx";

    /// <summary>A matrix of these parts; its form says how its scales are rounded.</summary>
    public static QuantizedMatrix Matrix(
        QuantizedFormat format, int block, int rows, int columns, ReadOnlyMemory<byte> codes, ReadOnlyMemory<byte> scaleBytes,
        ReadOnlyMemory<byte> zeroPoints)
    {
        var rounding = ScaleRounding.EightBits;
        foreach (var scale in MemoryMarshal.Cast<byte, float>(scaleBytes.Span))
        {
            if (!BlockScale.IsRounded(scale, ScaleRounding.EightBits))
            {
                rounding = ScaleRounding.None;
                break;
            }
        }

        return new(new QuantizedForm(format, block, rounding, Quantizer), rows, columns, codes, scaleBytes, zeroPoints);
    }

    /// <summary>Rows of a matrix, in its memory.</summary>
    public static QuantizedMatrix Cut(QuantizedMatrix matrix, int first, int count)
    {
        return Matrix(
            matrix.Form.Format, matrix.Form.Block, count, matrix.Columns, Of(matrix.Codes), Of(matrix.ScaleBytes), Of(matrix.ZeroPoints));

        ReadOnlyMemory<byte> Of(ReadOnlyMemory<byte> part)
        {
            var width = part.Length / matrix.Rows;
            return part.Slice(first * width, count * width);
        }
    }

    /// <summary>The rows of matrices of one format, block and width, one after the other, in memory of their own.</summary>
    public static QuantizedMatrix Join(IReadOnlyList<QuantizedMatrix> matrices)
    {
        var first = matrices[0];
        return Matrix(
            first.Form.Format, first.Form.Block, matrices.Sum(m => m.Rows), first.Columns, Of(m => m.Codes), Of(m => m.ScaleBytes),
            Of(m => m.ZeroPoints));

        byte[] Of(Func<QuantizedMatrix, ReadOnlyMemory<byte>> part)
        {
            var joined = new byte[matrices.Sum(m => (long)part(m).Length)];
            var at = 0;
            foreach (var matrix in matrices)
            {
                part(matrix).CopyTo(joined.AsMemory(at));
                at += part(matrix).Length;
            }

            return joined;
        }
    }
}
