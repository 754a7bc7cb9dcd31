using static System.FormattableString;

namespace OrtDpo.Training;

/// <summary>
/// How far the policy is from the reference, by what an evaluation estimates on held-out completions. These are the data's and not the
/// policy's, so k3, which is never below 0, has the exponential of every fall in it: of good runs it comes to thousands of nats, of
/// one that left its reference to 1e18. k1's size is within a few times the exact divergence there; near 0, where the falls of some
/// completions balance the rises of others, k1 says nothing, and k3 is the exact one's order.
/// </summary>
static class KlRules
{
    /// <summary>Too far.</summary>
    public static Symptom? High(RunHistory run)
    {
        if (run.Evaluations is not [.., var last] || !(Math.Abs(last.KlK1) > DiagnosisThresholds.KlWatch))
        {
            return null;
        }

        var distance = Math.Abs(last.KlK1);
        var hasLeft = distance > DiagnosisThresholds.KlWarning;
        var limit = hasLeft ? DiagnosisThresholds.KlWarning : DiagnosisThresholds.KlWatch;
        return new Symptom(
            "kl_high",
            hasLeft ? FindingSeverity.Warning : FindingSeverity.Watch,
            distance,
            Invariant($"After step {last.Step} the policy finds held-out completions {distance:0.0} nats ")
                + Invariant($"{(last.KlK1 < 0 ? "less" : "more")} likely than the reference does, {Math.Abs(last.MeanLogRatio):0.00} ")
                + Invariant($"per token, above {limit}: it ")
                + (hasLeft ? "has left the reference." : "is moving away from the reference."),
            $"Try {Advice.LowerRate(run.Facts)}{Advice.HigherBeta(run.Facts, ", or ")}.");
    }

    /// <summary>Not at all, when the run has ended.</summary>
    public static Symptom? Low(RunHistory run)
    {
        // A trial of a few steps is not meant to learn.
        if (!run.Ended || run.Steps.Count < DiagnosisThresholds.Window
            || run.Evaluations is not [.., { Step: > 0 } last] || !(last.KlK3 < DiagnosisThresholds.KlNothing))
        {
            return null;
        }

        var prefers = last.AccuracyLow > 0.5;
        return new Symptom(
            "kl_low",
            prefers ? FindingSeverity.Watch : FindingSeverity.Warning,
            1,
            Invariant($"After step {last.Step}, the last, the policy is {last.KlK3:0.0000} nats per completion from the reference, below ")
                + Invariant($"{DiagnosisThresholds.KlNothing}: ")
                + (prefers ? "it prefers what is chosen, and still says what the reference says." : "nothing was learned."),
            $"Try {Advice.HigherRate(run.Facts)}, more steps{Advice.LowerBeta(run.Facts, ", or ")}.");
    }
}
