namespace OrtDpo.Autodiff.Precision;

/// <summary>In which type an operator computes, in a graph that computes in 16 bits.</summary>
enum PrecisionRule
{
    /// <summary>As it is written: sizes, integers, and what says its type itself. Operands are read as they come.</summary>
    AsWritten,

    /// <summary>
    /// In 16 bits, whatever its operands are: matrix products, which sum in float32 and round once. A product that adds to a float32
    /// buffer is rounded, widened, and added by a node of its own, because all operands of a product have one type.
    /// </summary>
    Product,

    /// <summary>
    /// In float32 where all operands are float32 that are neither constants nor parameters, or where the result is handed out in float32;
    /// else in 16 bits.
    /// </summary>
    Follows,

    /// <summary>In the type of its first operand: moves elements and computes nothing.</summary>
    Moves,

    /// <summary>A norm: in float32 where its scale is float32; else in 16 bits, with statistics in float32 inside the operator.</summary>
    ByScale,

    /// <summary>In float32: sums that lose digits otherwise, or an operator that has no kernel for 16 bits.</summary>
    Float32,
}
