using OrtDpo.Runs;

namespace OrtDpo.Training;

/// <summary>A run's numbers so far, as rules read them.</summary>
sealed class RunHistory(DiagnosisFacts facts)
{
    readonly List<StepNumbers> steps = [];
    readonly List<EvaluationNumbers> evaluations = [];

    public DiagnosisFacts Facts => facts;

    public IReadOnlyList<StepNumbers> Steps => steps;

    public IReadOnlyList<EvaluationNumbers> Evaluations => evaluations;

    /// <summary>The last step that something is known of.</summary>
    public int Step { get; private set; }

    /// <summary>The last step whose gradient was not finite; null: there is none.</summary>
    public int? LastSkipped { get; private set; }

    /// <summary>Whether the run has come to its end.</summary>
    public bool Ended { get; set; }

    public void Add(MetricsLine line)
    {
        if (EvaluationNumbers.Of(line) is { } evaluation)
        {
            evaluations.Add(evaluation);
            Step = evaluation.Step;
            return;
        }

        var step = StepNumbers.Of(line);
        if (step.Skipped > (steps is [.., var before] ? before.Skipped : 0))
        {
            LastSkipped = step.Step;
        }

        steps.Add(step);
        Step = step.Step;
    }

    /// <summary>The last <paramref name="count"/> steps; none where there are fewer.</summary>
    public IReadOnlyList<StepNumbers> Last(int count) => steps.Count >= count ? steps.GetRange(steps.Count - count, count) : [];

    /// <summary>The same; none where the first of them is still of the warm-up, too.</summary>
    public IReadOnlyList<StepNumbers> LastAfterWarmup(int count) =>
        steps.Count >= count && steps[^count].Step > facts.WarmupSteps ? Last(count) : [];
}
