using OrtDpo.Batches;
using static System.FormattableString;

namespace OrtDpo.Training;

/// <summary>What margins say, of training and of held-out rows.</summary>
static class MarginRules
{
    public const string HeldOutAgainstId = "held_out_against";

    /// <summary>The margins of the last steps are as often below 0 as above.</summary>
    public static Symptom? AtZero(RunHistory run)
    {
        var facts = run.Facts;
        var count = Math.Clamp(
            (int)(facts.TotalSteps * DiagnosisThresholds.MarginShare), DiagnosisThresholds.Window, DiagnosisThresholds.LargestMarginWindow);
        if (!facts.HasReference || run.LastAfterWarmup(count) is not { Count: > 0 } window)
        {
            return null;
        }

        var margins = Spread.Of(window.Select(step => step.Margin));
        var half = margins.HalfInterval;
        return margins.Count < DiagnosisThresholds.Window || !(Math.Abs(margins.Mean) <= half) ? null : new Symptom(
            "margin_at_zero",
            FindingSeverity.Warning,
            1,
            Invariant($"The reward margin of steps {window[0].Step} to {window[^1].Step} is {margins.Mean:0.0000} in the mean, its 95 % ")
                + Invariant($"interval from {margins.Mean - half:0.0000} to {margins.Mean + half:0.0000}: ")
                + $"{Better(facts)} are not preferred to {Worse(facts)}.",
            "Look at some rows with `inspect`: labels that are right as often as wrong look like this; "
                + $"if they are right, try {Advice.HigherRate(facts)} or more steps.");
    }

    /// <summary>Held-out pairs go the other way than those that are trained on.</summary>
    public static Symptom? HeldOutAgainst(RunHistory run)
    {
        if (!run.Facts.HasReference || run.Evaluations is not [.., var last]
            || run.LastAfterWarmup(DiagnosisThresholds.Window) is not { Count: > 0 } window
            || !(last.AccuracyHigh + last.Ties < DiagnosisThresholds.AgainstAccuracy))
        {
            return null;
        }

        var accuracy = Spread.Of(window.Select(step => step.Accuracy)).Mean;
        return !(accuracy > 0.5) ? null : new Symptom(
            HeldOutAgainstId,
            FindingSeverity.Warning,
            1,
            Invariant($"Of the held-out pairs {last.Accuracy:0.000} (95 % interval up to {last.AccuracyHigh:0.000}) are right after step ")
                + Invariant($"{last.Step}, with a margin of {last.Margin:0.0000}, and of those of steps {window[0].Step} to ")
                + Invariant($"{window[^1].Step} {accuracy:0.000}: the two sets are labelled the other way round, or by other rules."),
            "Compare some rows of both sets with `inspect`: chosen and rejected may be swapped in one of them.");
    }

    static string Better(DiagnosisFacts facts) => facts.Rows == RowKind.Unpaired ? "desirable completions" : "chosen completions";

    static string Worse(DiagnosisFacts facts) => facts.Rows == RowKind.Unpaired ? "undesirable ones" : "rejected ones";
}
