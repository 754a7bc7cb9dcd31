using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Quantization;

namespace OrtDpo.Export.Quantized;

/// <summary>A matrix as the operator that multiplies by it takes it (ONNX Runtime's docs/ContribOperators.md).</summary>
/// <param name="Product">The operator.</param>
/// <param name="Bytes">The bytes of its constants, in the order of <see cref="QuantizedProduct.Parts"/>.</param>
sealed record QuantizedConstants(QuantizedProduct Product, IReadOnlyList<ReadOnlyMemory<byte>> Bytes)
{
    /// <summary>A matrix in 8 bits.</summary>
    /// <param name="weight">The name of the weight, with which those of its parts begin.</param>
    /// <param name="matrix">The matrix [out, in].</param>
    public static QuantizedConstants Of(string weight, Int8Matrix matrix)
    {
        var attributes = Attributes.None.With("K", (long)matrix.Columns).With("N", (long)matrix.Rows).With("bits", 8L)
            .With("block_size", (long)matrix.Block).With("accuracy_level", 0L);
        return new(
            new("MatMulNBits", attributes,
            [
                ($"{weight}.codes", DataType.UInt8, [matrix.Rows, matrix.Blocks, matrix.Block]),
                ($"{weight}.scales", DataType.Float32, [matrix.Rows, matrix.Blocks]),
            ]),
            [matrix.Codes, matrix.ScaleBytes]);
    }

    /// <summary>A matrix in 4 bits, its bytes as they lie.</summary>
    /// <param name="weight">The name of the weight, with which those of its parts begin.</param>
    /// <param name="matrix">The matrix [out, in].</param>
    /// <param name="accuracyLevel">
    /// Of int4: 0, products in float32; or 4, where a host may round what is multiplied with the matrix to 8 bits.
    /// </param>
    public static QuantizedConstants Of(string weight, QuantizedMatrix matrix, int accuracyLevel)
    {
        var (form, layout) = (matrix.Form, matrix.Layout);
        var sizes = Attributes.None.With("K", (long)matrix.Columns).With("N", (long)matrix.Rows).With("block_size", (long)form.Block);
        var codes = ($"{weight}.codes", DataType.UInt8, layout.Codes);
        var scales = ($"{weight}.scales", DataType.Float32, layout.Scales);
        var zeroPoints = ($"{weight}.zero_points", DataType.UInt8, layout.ZeroPoints);
        return form.Format switch
        {
            // quant_type 1 is nf4. With transB = 0 the processor's kernel multiplies wrongly (ONNX Runtime 1.31).
            QuantizedFormat.Nf4 => new(
                new("MatMulBnb4", sizes.With("quant_type", 1L).With("transB", 1L), [codes, scales]), [matrix.Codes, matrix.ScaleBytes]),
            QuantizedFormat.Int4Symmetric => new(Integers([codes, scales]), [matrix.Codes, matrix.ScaleBytes]),
            _ => new(Integers([codes, scales, zeroPoints]), [matrix.Codes, matrix.ScaleBytes, matrix.ZeroPoints]),
        };

        QuantizedProduct Integers((string, DataType, long[])[] parts) =>
            new("MatMulNBits", sizes.With("bits", 4L).With("accuracy_level", (long)accuracyLevel), parts);
    }
}
