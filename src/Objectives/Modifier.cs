namespace OrtDpo.Objectives;

/// <summary>
/// A number that modifies losses: everything that is to say of it. A new one is a property of <see cref="ObjectiveOptions"/>, a flag and
/// a line here; the command line, <c>config.yaml</c>, the checks and the graph's inputs follow.
/// </summary>
public sealed record Modifier
{
    /// <summary>By which losses say that they use it.</summary>
    public required Modifiers Flag { get; init; }

    /// <summary>The property of <see cref="ObjectiveOptions"/>.</summary>
    public required string Property { get; init; }

    /// <summary>Its name in <c>config.yaml</c>, and as an input of the loss's graph.</summary>
    public required string Name { get; init; }

    /// <summary>What it is, for people.</summary>
    public required string Description { get; init; }

    /// <summary>Reads it; null = not given.</summary>
    public required Func<ObjectiveOptions, double?> Of { get; init; }

    /// <summary>Options with another value of it.</summary>
    public required Func<ObjectiveOptions, double, ObjectiveOptions> With { get; init; }

    /// <summary>Whether a finite value may be taken.</summary>
    public Func<double, bool> IsInRange { get; init; } = _ => true;

    /// <summary>The range in words, behind "it must be".</summary>
    public required string Range { get; init; }

    /// <summary>Its value where a loss uses it and it is not given; null where that depends on the loss, or it has to be given.</summary>
    public double? Default { get; init; }

    /// <summary>Whether it is an input of the loss's graph; else it weights what goes in.</summary>
    public bool IsInput { get; init; } = true;

    /// <summary>All of them, in the order in which help shows them.</summary>
    public static IReadOnlyList<Modifier> All { get; } =
    [
        new()
        {
            Flag = Modifiers.Beta, Property = nameof(ObjectiveOptions.Beta), Name = "beta",
            Description = "Temperature of the implicit reward; its default depends on the loss, 0.1 for most.",
            Of = o => o.Beta, With = (o, v) => o with { Beta = v },
            IsInRange = v => v > 0, Range = "positive (typically 0.1 to 0.5)",
        },
        new()
        {
            Flag = Modifiers.LabelSmoothing, Property = nameof(ObjectiveOptions.LabelSmoothing), Name = "label_smoothing",
            Description = "Share of pairs whose labels are taken to be flipped.",
            Of = o => o.LabelSmoothing, With = (o, v) => o with { LabelSmoothing = v },
            IsInRange = v => v is >= 0 and < 0.5, Range = "at least 0 and below 0.5",
        },
        new()
        {
            // Its default holds for one divergence alone: ObjectiveResolution.
            Flag = Modifiers.FDivergence, Property = nameof(ObjectiveOptions.FAlpha), Name = "f_alpha",
            Description = "Alpha of alpha_divergence, 0.5 by default: s = exp((a - 1) r) / (a - 1), as TRL from 0.29 on; "
                + "before, TRL's was 1 - a.",
            Of = o => o.FAlpha, With = (o, v) => o with { FAlpha = v }, Range = "a finite number",
        },
        new()
        {
            Flag = Modifiers.DiscopopTau, Property = nameof(ObjectiveOptions.DiscopopTau), Name = "discopop_tau",
            Description = "Temperature of discopop's mixture, 0.05 by default.",
            Of = o => o.DiscopopTau, With = (o, v) => o with { DiscopopTau = v },
            IsInRange = v => v > 0, Range = "positive (typically 0.05)", Default = 0.05,
        },
        new()
        {
            Flag = Modifiers.Gamma, Property = nameof(ObjectiveOptions.Gamma), Name = "gamma",
            Description = "Margin that simpo and alphapo ask for, 0.5 by default; not multiplied by beta.",
            Of = o => o.Gamma, With = (o, v) => o with { Gamma = v },
            IsInRange = v => v >= 0, Range = "at least 0", Default = 0.5,
        },
        new()
        {
            Flag = Modifiers.AlphapoAlpha, Property = nameof(ObjectiveOptions.AlphapoAlpha), Name = "alphapo_alpha",
            Description = "Alpha of alphapo.",
            Of = o => o.AlphapoAlpha, With = (o, v) => o with { AlphapoAlpha = v },
            IsInRange = v => v != 0, Range = "a number other than 0 (which is simpo)",
        },
        new()
        {
            Flag = Modifiers.LdAlpha, Property = nameof(ObjectiveOptions.LdAlpha), Name = "ld_alpha",
            Description = "LD-DPO: weight of the tokens beyond the shorter completion's length, for policy and reference alike "
                + "(LLaMA-Factory: policy only).",
            Of = o => o.LdAlpha, With = (o, v) => o with { LdAlpha = v },
            IsInRange = v => v is >= 0 and <= 1, Range = "between 0 and 1", IsInput = false,
        },
        new()
        {
            Flag = Modifiers.RowWeights, Property = nameof(ObjectiveOptions.DesirableWeight), Name = "desirable_weight",
            Description = "Weight of desirable rows, 1 by default.",
            Of = o => o.DesirableWeight, With = (o, v) => o with { DesirableWeight = v },
            IsInRange = v => v > 0, Range = "positive", Default = 1,
        },
        new()
        {
            Flag = Modifiers.RowWeights, Property = nameof(ObjectiveOptions.UndesirableWeight), Name = "undesirable_weight",
            Description = "Weight of undesirable rows, 1 by default.",
            Of = o => o.UndesirableWeight, With = (o, v) => o with { UndesirableWeight = v },
            IsInRange = v => v > 0, Range = "positive", Default = 1,
        },
    ];
}

/// <summary>The numbers that a loss depends on.</summary>
[Flags]
public enum Modifiers
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
