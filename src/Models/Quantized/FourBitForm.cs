using OrtDpo.Quantization;

namespace OrtDpo.Models.Quantized;

/// <summary>How this project puts a base's matrices into 4 bits.</summary>
/// <param name="IsNf4">nf4; else int4, of each matrix the kind, with or without zero points, that is nearer to it.</param>
/// <param name="Block">Values with one scale.</param>
public sealed record FourBitForm(bool IsNf4, int Block)
{
    /// <summary>
    /// The text that tells one such form from another: what is quantised by the same text from the same model is the same.
    /// </summary>
    public override string ToString() => IsNf4
        ? Planned.ToString()
        : FormattableString.Invariant(
            $"format=int4_nearer block={Block} scales=eight_bits quantizer={QuantizedForm.OwnQuantizer}");

    /// <summary>Quantises a matrix.</summary>
    /// <param name="source">The matrix.</param>
    /// <param name="threads">Threads at most; the result does not depend on them.</param>
    /// <exception cref="InvalidDataException">A value is not finite or too large; the message says which.</exception>
    internal QuantizedMatrix Quantise(SourceMatrix source, int threads) => IsNf4
        ? Nf4.Quantise(source, Block, ScaleRounding.EightBits, threads)
        : Int4.QuantiseNearer(source, Block, ScaleRounding.EightBits, threads).Matrix;

    /// <summary>The form of a matrix before it is quantised: with zero points, whether or not it gets them.</summary>
    internal QuantizedForm Planned => new(
        IsNf4 ? QuantizedFormat.Nf4 : QuantizedFormat.Int4ZeroPoints, Block, ScaleRounding.EightBits, QuantizedForm.OwnQuantizer);
}
