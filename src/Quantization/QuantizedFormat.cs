namespace OrtDpo.Quantization;

/// <summary>How four bits stand for a weight of a matrix [N, K].</summary>
public enum QuantizedFormat
{
    /// <summary>
    /// Level[code] · scale: the 16 levels of QLoRA (arXiv:2305.14314, appendix E) over blocks of consecutive values of the flattened
    /// matrix. Two codes to a byte, the first in the high nibble, as bitsandbytes and ONNX Runtime's <c>MatMulBnb4</c> have them. That
    /// operator takes these codes with <c>transB = 1</c>; with <c>transB = 0</c> ONNX Runtime 1.31 multiplies wrongly on the CPU.
    /// </summary>
    Nf4,

    /// <summary>
    /// (code − 8) · scale over blocks along K. Two codes to a byte, the first in the low nibble, as ONNX Runtime's <c>MatMulNBits</c> and
    /// <c>GatherBlockQuantized</c> have them. A scale may be negative, so that −8 stands for the value farthest from 0, whatever its sign.
    /// </summary>
    Int4Symmetric,

    /// <summary>
    /// (code − zero point) · scale with a zero point of 0 to 15 for each block; codes lie as in <see cref="Int4Symmetric"/>.
    /// </summary>
    Int4ZeroPoints,
}
