using static System.FormattableString;

namespace OrtDpo.Training;

/// <summary>What gradients say.</summary>
static class GradientRules
{
    /// <summary>Every step is scaled down, and to little of what it was.</summary>
    public static Symptom? AlwaysClipped(RunHistory run)
    {
        var clip = run.Facts.MaxGradNorm;
        if (clip == 0 || run.LastAfterWarmup(DiagnosisThresholds.Window) is not { Count: > 0 } window)
        {
            return null;
        }

        var norms = Spread.Of(window.Select(step => step.GradNorm));
        return !(norms.Low > clip) || !(norms.Mean > DiagnosisThresholds.ClipRatio * clip) ? null : new Symptom(
            "always_clipped",
            FindingSeverity.Watch,
            norms.Mean / clip,
            Invariant($"The gradient was clipped in all of steps {window[0].Step} to {window[^1].Step}: its norm was {norms.Low:G3} to ")
                + Invariant($"{norms.High:G3}, {norms.Mean:G3} in the mean, and `MaxGradNorm` is {clip:G3}."),
            "Look whether `MaxGradNorm` is meant, since every step then counts alike, however wrong its rows were; or try "
                + (run.Facts.Beta is null ? "" : $"{Advice.LowerBeta(run.Facts, "")}, which scales the gradient, or ")
                + "a larger batch (`BatchPairs`).");
    }

    /// <summary>Gradients were not finite.</summary>
    public static Symptom? Skipped(RunHistory run)
    {
        if (run.Steps is not [.., { Skipped: > 0 } last])
        {
            return null;
        }

        var isMany = last.Skipped >= DiagnosisThresholds.ManySkipped && last.Skipped > DiagnosisThresholds.SkippedShare * last.Step;
        return new Symptom(
            "skipped_steps",
            isMany ? FindingSeverity.Warning : FindingSeverity.Watch,
            last.Skipped,
            Invariant($"The gradient was not finite, and changed nothing, in {last.Skipped} of {last.Step} steps, ")
                + Invariant($"the last time in step {run.LastSkipped}."),
            $"Try {Advice.LowerRate(run.Facts)}; "
                + "where the first steps are skipped already, look at the data and the model's dtype.");
    }
}
