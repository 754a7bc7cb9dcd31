using static System.FormattableString;

namespace OrtDpo.Training;

/// <summary>What the loss itself says.</summary>
static class LossRules
{
    public const string StuckId = "loss_stuck", DivergingId = "loss_diverging";

    /// <summary>The loss stays where the policy is the reference.</summary>
    public static Symptom? Stuck(RunHistory run)
    {
        if (run.Facts.BaseLoss is not { } level || run.LastAfterWarmup(DiagnosisThresholds.Window) is not { Count: > 0 } window)
        {
            return null;
        }

        var losses = Spread.Of(window.Select(step => step.Loss));
        var farthest = Math.Max(Math.Abs(losses.Low - level), Math.Abs(losses.High - level));
        // With a tiny beta the loss hardly shows what the policy does.
        var moved = Math.Abs(Spread.Of(window.Select(step => step.Margin)).Mean) / run.Facts.Beta;
        if (losses.Count < window.Count || moved > DiagnosisThresholds.StuckMargin
            || farthest > DiagnosisThresholds.StuckShare * Math.Abs(level))
        {
            return null;
        }

        return new Symptom(
            StuckId,
            FindingSeverity.Warning,
            1,
            Invariant($"The loss of steps {window[0].Step} to {window[^1].Step} lies between {losses.Low:0.00000} and ")
                + Invariant($"{losses.High:0.00000}, at most {farthest:0.0e0} from {level:0.00000}, where the policy is the reference: ")
                + "nothing is learned.",
            // No other beta: AdamW's updates do not depend on the gradient's scale.
            $"Try {Advice.HigherRate(run.Facts)}.");
    }

    /// <summary>The loss is far above where it began.</summary>
    public static Symptom? Diverging(RunHistory run)
    {
        var steps = run.Steps;
        if (steps.Count < DiagnosisThresholds.DivergenceWindow + DiagnosisThresholds.FirstSteps)
        {
            return null;
        }

        var level = run.Facts.BaseLoss ?? Spread.Of(steps.Take(DiagnosisThresholds.FirstSteps).Select(step => step.Loss)).Mean;
        var window = run.Last(DiagnosisThresholds.DivergenceWindow);
        var losses = Spread.Of(window.Select(step => step.Loss));
        if (!(level > 0) || !(losses.Mean > DiagnosisThresholds.DivergedRatio * level))
        {
            return null;
        }

        var from = run.Facts.BaseLoss is null ? "in the first steps" : "where the policy is the reference";
        return new Symptom(
            DivergingId,
            FindingSeverity.Warning,
            losses.Mean / level,
            Invariant($"The loss of steps {window[0].Step} to {window[^1].Step} is {losses.Mean:0.000} in the mean, ")
                + Invariant($"and {level:0.000} {from}: the policy has become worse than it was."),
            $"Try {Advice.LowerRate(run.Facts)}, and train again from the beginning.");
    }
}
