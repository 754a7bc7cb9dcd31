using static System.FormattableString;

namespace OrtDpo.Training;

/// <summary>How far the policy is from the reference, by what an evaluation estimates on held-out completions.</summary>
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
        return new Symptom(
            "kl_high",
            hasLeft ? FindingSeverity.Warning : FindingSeverity.Watch,
            distance,
            Invariant($"After step {last.Step} held-out completions are {distance:0.0} nats {(last.KlK1 < 0 ? "less" : "more")} likely ")
                + Invariant($"than under the reference (`{last.Prefix}kl_k1` {last.KlK1:0.0}), above {Limit(hasLeft)}: ")
                + (hasLeft ? "the policy has left the reference." : "the policy is moving away from the reference."),
            Advice(run));
    }

    /// <summary>Not at all, when the run has ended.</summary>
    public static Symptom? Low(RunHistory run)
    {
        if (!run.Ended || run.Evaluations is not [.., { Step: > 0 } last] || !(last.KlK3 < DiagnosisThresholds.KlNothing)
            || last.AccuracyLow > 0.5)
        {
            return null;
        }

        return new Symptom(
            "kl_low",
            FindingSeverity.Warning,
            1,
            Invariant($"After the last step, {last.Step}, the policy is {last.KlK3:0.0000} nats per completion from the reference ")
                + Invariant($"(`{last.Prefix}kl_k3`), below {DiagnosisThresholds.KlNothing}, and held-out pairs are right by chance: ")
                + "nothing was learned.",
            Invariant($"Try a higher `LearningRate` (it is {run.Facts.LearningRate:0.##e0}), more steps")
                + (run.Facts.Beta is { } beta ? Invariant($", or a lower `Beta` (it is {beta}).") : "."));
    }

    static double Limit(bool hasLeft) => hasLeft ? DiagnosisThresholds.KlWarning : DiagnosisThresholds.KlWatch;

    static string Advice(RunHistory run) =>
        Invariant($"Try a lower `LearningRate` (it is {run.Facts.LearningRate:0.##e0})")
        + (run.Facts.Beta is { } beta ? Invariant($", or a higher `Beta` (it is {beta}).") : ".");
}
