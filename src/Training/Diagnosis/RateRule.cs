using OrtDpo.Batches;
using static System.FormattableString;

namespace OrtDpo.Training;

/// <summary>A learning rate that does not fit the model's size, known before the first step.</summary>
static class RateRule
{
    public static Symptom? Of(RunHistory run)
    {
        var facts = run.Facts;
        // Supervised training, alone or beside preferences, takes other rates.
        if (facts.Rows == RowKind.Supervised || facts.HasNll
            || LearningRateRange.Of(facts.ModelParameters, facts.IsAdapter) is not { } range
            || (facts.LearningRate >= range.Low && facts.LearningRate <= range.High))
        {
            return null;
        }

        var isHigh = facts.LearningRate > range.High;
        var ratio = isHigh ? facts.LearningRate / range.Middle : range.Middle / facts.LearningRate;
        return new Symptom(
            "learning_rate_range",
            ratio > DiagnosisThresholds.RateWarningFactor ? FindingSeverity.Warning : FindingSeverity.Watch,
            ratio,
            Invariant($"`LearningRate` is {facts.LearningRate:0.##e0}, {ratio:#,0.#} times {(isHigh ? "higher" : "lower")} than recipes ")
                + Invariant($"of preference tuning have it for {Size(facts)} ({range.Middle:0.##e0})."),
            Invariant($"Try {range.Low:0.##e0} to {range.High:0.##e0}."));
    }

    static string Size(DiagnosisFacts facts)
    {
        var millions = facts.ModelParameters / 1e6;
        var size = millions < 1000 ? Invariant($"{millions:G2} million") : Invariant($"{millions / 1000:G2} billion");
        return (facts.IsAdapter ? "adapters of " : "") + $"models of {size} parameters";
    }
}
