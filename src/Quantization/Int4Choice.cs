namespace OrtDpo.Quantization;

/// <summary>A matrix in the kind of int4 that is nearer to it, and how near both kinds are.</summary>
/// <param name="Matrix">The nearer one; without zero points where both are as near.</param>
/// <param name="SymmetricError">Sum of the squared errors without zero points.</param>
/// <param name="ZeroPointError">The same with zero points.</param>
public sealed record Int4Choice(QuantizedMatrix Matrix, double SymmetricError, double ZeroPointError);
