namespace OrtDpo.Objectives;

/// <summary>A number that modifies losses: the property of <see cref="ObjectiveOptions"/>, the graph's input that it becomes, and its range.</summary>
sealed record Modifier(
    Modifiers Flag, string Option, string Input, Func<ObjectiveOptions, double?> Of, Func<double, bool> IsInRange, string Range)
{
    public static IReadOnlyList<Modifier> All { get; } =
    [
        new(Modifiers.Beta, nameof(ObjectiveOptions.Beta), "beta", o => o.Beta, v => v > 0, "positive (typically 0.1 to 0.5)"),
        new(
            Modifiers.LabelSmoothing, nameof(ObjectiveOptions.LabelSmoothing), "label_smoothing", o => o.LabelSmoothing,
            v => v is >= 0 and < 0.5, "at least 0 and below 0.5"),
        new(Modifiers.FDivergence, nameof(ObjectiveOptions.FAlpha), "f_alpha", o => o.FAlpha, _ => true, "a finite number"),
        new(Modifiers.DiscopopTau, nameof(ObjectiveOptions.DiscopopTau), "discopop_tau", o => o.DiscopopTau, v => v > 0, "positive (typically 0.05)"),
        new(Modifiers.Gamma, nameof(ObjectiveOptions.Gamma), "gamma", o => o.Gamma, v => v >= 0, "at least 0"),
        new(
            Modifiers.AlphapoAlpha, nameof(ObjectiveOptions.AlphapoAlpha), "alphapo_alpha", o => o.AlphapoAlpha,
            v => v != 0, "a number other than 0 (which is simpo)"),
        new(Modifiers.LdAlpha, nameof(ObjectiveOptions.LdAlpha), "", o => o.LdAlpha, v => v is >= 0 and <= 1, "between 0 and 1"),
        new(Modifiers.RowWeights, nameof(ObjectiveOptions.DesirableWeight), "desirable_weight", o => o.DesirableWeight, v => v > 0, "positive"),
        new(Modifiers.RowWeights, nameof(ObjectiveOptions.UndesirableWeight), "undesirable_weight", o => o.UndesirableWeight, v => v > 0, "positive"),
    ];
}
