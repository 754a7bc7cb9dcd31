using OrtDpo.Batches;
using static System.FormattableString;

namespace OrtDpo.Training;

/// <summary>Margins rise since rejected completions fall, and chosen ones fall with them.</summary>
static class ChosenRule
{
    public static Symptom? Of(RunHistory run)
    {
        if (run.Facts.HeldOutTokens is not { } tokens || run.Evaluations is not [var first, .., var last])
        {
            return null;
        }

        var fall = PerToken(last);
        if (!(last.Margin > first.Margin) || !(fall > DiagnosisThresholds.ChosenFallWatch))
        {
            return null;
        }

        var since = run.Evaluations.First(evaluation => PerToken(evaluation) > DiagnosisThresholds.ChosenFallWatch).Step;
        var name = run.Facts.Rows == RowKind.Unpaired ? "desirable" : "chosen";
        return new Symptom(
            "chosen_falls",
            fall > DiagnosisThresholds.ChosenFallWarning ? FindingSeverity.Warning : FindingSeverity.Watch,
            fall,
            Invariant($"Held-out {name} completions have fallen by {fall:0.00} nats per token after step {last.Step} ")
                + Invariant($"({first.ChosenLogps:0.0} to {last.ChosenLogps:0.0} nats of {tokens:0} tokens), above ")
                + Invariant($"{DiagnosisThresholds.ChosenFallWatch} since step {since}, while the margin rose to {last.Margin:0.000}: ")
                + (fall > DiagnosisThresholds.ChosenFallWarning
                    ? "what is preferred is becoming unlikely, too."
                    : "a little of that is normal, since rejected ones fall further."),
            $"Try {Advice.LowerRate(run.Facts)}{Advice.HigherBeta(run.Facts, ", ")}"
                + (run.Facts.HasNll ? ", or a higher weight of sft in `Loss`." : ", or sft beside `Loss`, such as with a weight of 0.2."));

        double PerToken(EvaluationNumbers evaluation) => (first.ChosenLogps - evaluation.ChosenLogps) / tokens;
    }
}
