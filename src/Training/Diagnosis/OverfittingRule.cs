using static System.FormattableString;

namespace OrtDpo.Training;

/// <summary>The rows of training are known by heart while held-out ones become worse.</summary>
static class OverfittingRule
{
    public static Symptom? Of(RunHistory run)
    {
        var evaluations = run.Evaluations;
        const int Needed = DiagnosisThresholds.Rises + 1;
        if (evaluations.Count < Needed || run.Last(DiagnosisThresholds.Window) is not { Count: > 0 } window)
        {
            return null;
        }

        var last = evaluations.Skip(evaluations.Count - Needed).ToList();
        var lowest = evaluations.MinBy(evaluation => evaluation.Loss)!;
        var rise = last[^1].Loss - lowest.Loss;
        if (!last.Zip(last.Skip(1)).All(pair => pair.Second.Loss > pair.First.Loss)
            || !(rise >= DiagnosisThresholds.LeastRise * Math.Abs(lowest.Loss)))
        {
            return null;
        }

        return Learned(run, window) is not { } learned ? null : new Symptom(
            "overfitting",
            FindingSeverity.Warning,
            rise,
            Invariant($"The held-out loss rose over the evaluations after steps {string.Join(", ", last.Select(e => e.Step))} from ")
                + Invariant($"{last[0].Loss:0.0000} to {last[^1].Loss:0.0000}, while in steps {window[0].Step} to {window[^1].Step} ")
                + $"{learned}.",
            Earlier(lowest) + "train again with fewer `Epochs`, more rows, or a lower `LearningRate`.");
    }

    static string Earlier(EvaluationNumbers lowest) => lowest.Step == 0
        ? Invariant($"The held-out loss was lowest before the first step ({lowest.Loss:0.0000}): look at the data, or ")
        : Invariant($"Take the checkpoint nearest to step {lowest.Step}, where the held-out loss was lowest ({lowest.Loss:0.0000}), or ");

    // Where there are no pairs, that the loss of training falls on has to do.
    static string? Learned(RunHistory run, IReadOnlyList<StepNumbers> window)
    {
        var accuracy = Spread.Of(window.Select(step => step.Accuracy));
        if (accuracy.Count > 0)
        {
            return accuracy.Mean > DiagnosisThresholds.MemorizedAccuracy
                ? Invariant($"{accuracy.Mean:0.000} of the training pairs were right")
                : null;
        }

        var (first, second) = (window.Take(window.Count / 2), window.Skip(window.Count / 2));
        var (before, after) = (Spread.Of(first.Select(step => step.Loss)).Mean, Spread.Of(second.Select(step => step.Loss)).Mean);
        return after < before && after < run.Evaluations[^1].Loss
            ? Invariant($"the training loss fell from {before:0.0000} to {after:0.0000}")
            : null;
    }
}
