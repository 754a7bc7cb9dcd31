namespace OrtDpo.Objectives;

/// <summary>
/// The numbers that modify objectives, as given; null = not given. <see cref="Objective.Parse"/> refuses what has no effect.
/// </summary>
public sealed record ObjectiveOptions
{
    /// <summary>β, the temperature of the implicit reward: > 0.</summary>
    public double? Beta { get; init; }

    /// <summary>ε, the share of pairs whose labels are taken to be flipped: [0, 0.5).</summary>
    public double? LabelSmoothing { get; init; }

    /// <summary>The score of a completion: <c>reverse_kl</c>, <c>forward_kl</c>, <c>js_divergence</c> or <c>alpha_divergence</c>.</summary>
    public string? FDivergence { get; init; }

    /// <summary>α of <c>alpha_divergence</c>.</summary>
    public double? FAlpha { get; init; }

    /// <summary>τ of <c>discopop</c>: > 0.</summary>
    public double? DiscopopTau { get; init; }

    /// <summary>γ, the margin that <c>simpo</c> and <c>alphapo</c> ask for: ≥ 0.</summary>
    public double? Gamma { get; init; }

    /// <summary>α of <c>alphapo</c>; not 0.</summary>
    public double? AlphapoAlpha { get; init; }

    /// <summary>LD-DPO's α, the weight of tokens beyond the shorter completion's length: [0, 1].</summary>
    public double? LdAlpha { get; init; }

    /// <summary>λ_D, the weight of desirable rows: > 0.</summary>
    public double? DesirableWeight { get; init; }

    /// <summary>λ_U, the weight of undesirable rows: > 0.</summary>
    public double? UndesirableWeight { get; init; }
}
