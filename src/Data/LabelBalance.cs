namespace OrtDpo.Data;

/// <summary>
/// How many rows of unpaired feedback have which label. Weighted, λ_D n_D over λ_U n_U should be within [1, 4/3]: Eq. 8 in section 4 of
/// arXiv:2402.01306, and the bounds of TRL's KTO trainer.
/// </summary>
/// <param name="Desirable">n_D, above 0.</param>
/// <param name="Undesirable">n_U, above 0.</param>
public readonly record struct LabelBalance(int Desirable, int Undesirable)
{
    const double Least = 1;
    const double Most = 4 / 3.0;

    /// <summary>Whether weights of 1 are within the bounds.</summary>
    public bool IsBalanced => IsAdvised((double)Desirable / Undesirable);

    /// <summary>The weights of desirable rows that are within the bounds while undesirable ones weigh 1.</summary>
    public (double Low, double High) DesirableWeights => (Least * Undesirable / Desirable, Most * Undesirable / Desirable);

    /// <summary>The weights of undesirable rows that are within the bounds while desirable ones weigh 1.</summary>
    public (double Low, double High) UndesirableWeights => (Desirable / (Most * Undesirable), Desirable / (Least * Undesirable));

    /// <summary>Whether a ratio of weighted numbers is within the bounds.</summary>
    public static bool IsAdvised(double ratio) => ratio is >= Least and <= Most;
}
