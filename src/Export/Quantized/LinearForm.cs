namespace OrtDpo.Export.Quantized;

/// <summary>What an export may quantise the linear weights of the layers to.</summary>
public enum LinearForm
{
    /// <summary>8 bits in blocks of 32 along each row: <c>MatMulNBits</c>.</summary>
    Int8,

    /// <summary>4 bits in blocks of 32 along each row, of each matrix with or without zero points: <c>MatMulNBits</c>.</summary>
    Int4,

    /// <summary>The 4-bit NormalFloat of QLoRA in blocks of 64: <c>MatMulBnb4</c>.</summary>
    Nf4,
}
