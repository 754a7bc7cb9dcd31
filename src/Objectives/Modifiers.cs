namespace OrtDpo.Objectives;

/// <summary>The numbers that a loss depends on.</summary>
[Flags]
enum Modifiers
{
    None = 0,
    Beta = 1,
    LabelSmoothing = 1 << 1,
    FDivergence = 1 << 2,
    DiscopopTau = 1 << 3,
    Gamma = 1 << 4,
    AlphapoAlpha = 1 << 5,
    LdAlpha = 1 << 6,
    RowWeights = 1 << 7,

    /// <summary>Of a loss that is a function of the sums' scores.</summary>
    OfSums = Beta | FDivergence | LdAlpha,
}
