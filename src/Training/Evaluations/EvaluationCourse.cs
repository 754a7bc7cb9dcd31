namespace OrtDpo.Training;

/// <summary>
/// How the evaluations of a run went, one after the other: which was the best, and how many since were no better. A function of the numbers
/// in <c>metrics.jsonl</c> alone, so that a resumed run knows what one that never stopped knows. The rules are Hugging Face's
/// (<c>EarlyStoppingCallback</c>): the best is any that is better than all before; one that is better by no more than the threshold is the
/// best, and uses patience up all the same.
/// </summary>
/// <param name="metric">What is compared.</param>
/// <param name="patience">Evaluations in a row that may be no better; null: all.</param>
/// <param name="threshold">By how much one must be better to count.</param>
sealed class EvaluationCourse(BestMetric metric, int? patience, double threshold)
{
    /// <summary>The best so far; null: none yet.</summary>
    public (int Step, double Value)? Best { get; private set; }

    /// <summary>Evaluations in a row that were no better.</summary>
    public int WithoutBetter { get; private set; }

    /// <summary>Whether patience is at its end.</summary>
    public bool IsOver => WithoutBetter >= patience;

    /// <summary>Adds an evaluation.</summary>
    /// <param name="step">After how many steps; 0, before the first, is nobody's progress, and does not count.</param>
    /// <param name="value">The metric; NaN where it is no number, which is never better.</param>
    public void Add(int step, double value)
    {
        if (step == 0)
        {
            return;
        }

        var isBest = double.IsFinite(value) && (Best is not { } best || metric.IsBetter(value, best.Value));
        var counts = isBest && (Best is not { } before || Math.Abs(value - before.Value) > threshold);
        WithoutBetter = counts ? 0 : WithoutBetter + 1;
        Best = isBest ? (step, value) : Best;
    }
}
