using static System.FormattableString;

namespace OrtDpo.Training;

/// <summary>Margins follow length.</summary>
static class LengthRule
{
    public static Symptom? Of(RunHistory run)
    {
        var measured = run.Evaluations.Where(evaluation => evaluation.Step > 0 && !double.IsNaN(evaluation.LengthBias)).ToList();
        if (measured is not [.., var last] || last != run.Evaluations[^1])
        {
            return null;
        }

        var (low, high) = Interval(last.LengthBias, last.Pairs);
        var least = last.LengthBias > 0 ? low : -high;
        return !(least > DiagnosisThresholds.LengthBiasWatch) ? null : new Symptom(
            "length_bias",
            least > DiagnosisThresholds.LengthBiasWarning ? FindingSeverity.Warning : FindingSeverity.Watch,
            1,
            Invariant($"After step {last.Step} held-out margins follow length: their correlation with the difference of tokens is ")
                + Invariant($"{last.LengthBias:0.00} (95 % interval {low:0.00} to {high:0.00}; {measured[0].LengthBias:0.00} after step ")
                + Invariant($"{measured[0].Step}), and chosen completions have {run.Facts.ChosenTokens:0} tokens where rejected ones have ")
                + Invariant($"{run.Facts.RejectedTokens:0}: the policy learns to be {(last.LengthBias > 0 ? "longer" : "shorter")}."),
            "Try sigmoid_norm as `Loss`, which compares means per token, a lower `LdAlpha`, or data whose chosen and rejected completions "
                + "are of like lengths.");
    }

    // Fisher's z: atanh of a correlation is normal with 1 / √(n − 3).
    static (double Low, double High) Interval(double correlation, double pairs)
    {
        var (z, half) = (Math.Atanh(Math.Clamp(correlation, -0.999999, 0.999999)), 1.96 / Math.Sqrt(Math.Max(pairs - 3, 1)));
        return (Math.Tanh(z - half), Math.Tanh(z + half));
    }
}
