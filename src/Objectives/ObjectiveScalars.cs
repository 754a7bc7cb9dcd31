namespace OrtDpo.Objectives;

/// <summary>An objective's numbers, for its graph and for its base value.</summary>
static class ObjectiveScalars
{
    public static IReadOnlyDictionary<string, double> Of(ObjectiveOptions resolved) => Modifier.All
        .Where(m => m.IsInput && m.Of(resolved) is not null)
        .ToDictionary(m => m.Name, m => m.Of(resolved)!.Value, StringComparer.Ordinal);

    public static StepZero AtStepZero(ObjectiveOptions resolved, FDivergence divergence) => new(
        resolved.Beta ?? double.NaN, resolved.LabelSmoothing ?? 0, ScoreAtZero(resolved, divergence),
        resolved.DesirableWeight ?? 1, resolved.UndesirableWeight ?? 1);

    static double ScoreAtZero(ObjectiveOptions resolved, FDivergence divergence) => divergence switch
    {
        FDivergence.ForwardKl => -1,
        FDivergence.JsDivergence => -StepZero.LnTwo,
        FDivergence.AlphaDivergence => 1 / (resolved.FAlpha!.Value - 1),
        _ => 0,
    };
}
