namespace OrtDpo.Training;

/// <summary>A rule, and the findings that leave it nothing to say while they hold.</summary>
/// <param name="Of">What it sees in a run's numbers; null: nothing.</param>
/// <param name="SaidBy">The ids of these findings, whose rules stand before this one.</param>
sealed record DiagnosisRule(Func<RunHistory, Symptom?> Of, params string[] SaidBy)
{
    /// <summary>All rules, in the order in which findings of one moment are told.</summary>
    public static IReadOnlyList<DiagnosisRule> All { get; } =
    [
        new(RateRule.Of),
        new(LossRules.Stuck),
        new(LossRules.Diverging),
        // Where nothing moves at all, or everything does, the loss says so.
        new(MarginRules.AtZero, LossRules.StuckId, LossRules.DivergingId),
        new(MarginRules.HeldOutAgainst),
        // Pairs that are labelled the other way become worse with every step, and no earlier one would do.
        new(OverfittingRule.Of, MarginRules.HeldOutAgainstId),
        new(ChosenRule.Of),
        new(KlRules.High),
        new(KlRules.Low, LossRules.StuckId),
        new(LengthRule.Of),
        new(GradientRules.AlwaysClipped),
        new(GradientRules.Skipped),
    ];

    /// <summary>What all rules see now.</summary>
    public static IReadOnlyList<Symptom> Symptoms(RunHistory run)
    {
        var symptoms = new List<Symptom>();
        foreach (var rule in All)
        {
            if (!symptoms.Exists(symptom => rule.SaidBy.Contains(symptom.Id)) && rule.Of(run) is { } seen)
            {
                symptoms.Add(seen);
            }
        }

        return symptoms;
    }
}
