namespace OrtDpo.Quantization;

/// <summary>What the scales of blocks are rounded to, once, when a matrix is quantised.</summary>
public enum ScaleRounding
{
    /// <summary>float32 as computed: what bitsandbytes has. A device that computes in 16 bits rounds them for itself.</summary>
    None,

    /// <summary>
    /// To the nearest number of eight significant bits from 2⁻¹⁴ to 65280: exact in float32, float16 and bfloat16, so that every device
    /// holds the same weights.
    /// </summary>
    EightBits,
}
