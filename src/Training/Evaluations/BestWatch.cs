using OrtDpo.Runs;

namespace OrtDpo.Training;

/// <summary>
/// Watches the evaluations of a run for the best one: says when a checkpoint must be written for it, keeps <c>best.json</c>, and says when
/// patience is at its end. Where neither is asked for, it does nothing.
/// </summary>
sealed class BestWatch
{
    readonly EvaluationOptions options;
    readonly BestMetric? metric;
    readonly string runFolder;
    readonly Checkpoints checkpoints;
    readonly Action<TrainingEvent> report;
    readonly EvaluationCourse? course;
    // That of best.json, once it is written, and one whose checkpoint is not written yet.
    (int Step, double Value)? kept;
    (int Step, double Value)? pending;
    bool isWritten = true;

    /// <param name="options">What is asked for.</param>
    /// <param name="runFolder">The run's folder.</param>
    /// <param name="checkpoints">Its checkpoints.</param>
    /// <param name="report">Told of a new best one, and of the end.</param>
    public BestWatch(EvaluationOptions options, string runFolder, Checkpoints checkpoints, Action<TrainingEvent> report)
    {
        this.options = options;
        this.runFolder = runFolder;
        this.checkpoints = checkpoints;
        this.report = report;
        metric = options.HasBest ? BestMetric.Of(options) : null;
        course = metric is null ? null : new EvaluationCourse(metric, options.EarlyStoppingPatience, options.EarlyStoppingThreshold);
    }

    /// <summary>Whether the run ends here, whatever steps are left.</summary>
    public bool IsOver => course?.IsOver == true;

    /// <summary>
    /// Takes the evaluations that a run has behind it when it starts or goes on: those in its metrics, cut back to its checkpoint.
    /// </summary>
    /// <param name="step">Steps that are done.</param>
    public void Begin(int step)
    {
        if (metric is null || course is null)
        {
            return;
        }

        var saved = checkpoints.Steps();
        var name = metric.Name[RunEvaluation.Prefix.Length..];
        var evaluations = RunEvaluation.All(runFolder).Where(evaluation => evaluation.Step <= step).ToList();
        // Before steps are made, and not at the next evaluation.
        if (evaluations.Count > 0 && !evaluations.Exists(
            evaluation => evaluation.Values.ContainsKey(name) || evaluation.NotFinite.Contains(name)))
        {
            throw Missing(evaluations[^1].Step, evaluations[^1].Values.Keys.Select(key => RunEvaluation.Prefix + key));
        }

        foreach (var evaluation in evaluations)
        {
            var value = evaluation.Values.GetValueOrDefault(name, double.NaN);
            course.Add((int)evaluation.Step, value);
            // A run that goes on from an older checkpoint may have had its best one after that.
            if (saved.Contains((int)evaluation.Step))
            {
                kept = Better((int)evaluation.Step, value) ?? kept;
            }
        }
    }

    /// <summary>
    /// Puts <c>best.json</c> right, which may be older than what the run has behind it, be of another metric, or be damaged.
    /// </summary>
    public void Mend()
    {
        if (metric is null)
        {
            return;
        }

        try
        {
            BestCheckpoint.Find(runFolder);
        }
        catch (InvalidDataException e)
        {
            BestCheckpoint.Remove(runFolder);
            report(new TrainingEvent.BestDamaged(e.Message));
        }

        if (kept is { } best)
        {
            Write(best);
        }
        else
        {
            BestCheckpoint.Remove(runFolder);
        }
    }

    /// <summary>Refuses an evaluation that lacks the metric: before it is logged, so that a run that is refused leaves nothing.</summary>
    /// <param name="step">After how many steps.</param>
    /// <param name="line">Its numbers.</param>
    /// <exception cref="InvalidDataException">The metric is none of them.</exception>
    public void Require(int step, MetricsLine line)
    {
        if (metric is not null && line.Find(metric.Name) is null)
        {
            throw Missing(step, line.Values.Select(value => value.Key));
        }
    }

    /// <summary>Takes an evaluation that was just made.</summary>
    /// <param name="step">After how many steps.</param>
    /// <param name="line">Its numbers.</param>
    public void Hear(int step, MetricsLine line)
    {
        pending = null;
        if (metric is null || course is null)
        {
            return;
        }

        var value = line[metric.Name];
        course.Add(step, value);
        pending = Better(step, value);
    }

    /// <summary>Whether the evaluation after that step is the best so far, and has no checkpoint yet.</summary>
    public bool WantsCheckpoint(int step) => pending?.Step == step;

    /// <summary>The step of the best checkpoint, although <c>best.json</c> may not say so yet; null: there is none.</summary>
    public int? Best => kept?.Step;

    /// <summary>Notes that the checkpoint of a step is on the disk.</summary>
    /// <exception cref="IOException"><c>best.json</c> cannot be written; the next call tries again.</exception>
    public void Saved(int step)
    {
        if (pending is { } found && found.Step == step)
        {
            (kept, pending, isWritten) = (found, null, false);
        }

        if (!isWritten && kept is { } best)
        {
            Write(best);
            isWritten = true;
            // What was the best before may be too old now.
            checkpoints.Tidy();
            report(new TrainingEvent.BestFound(best.Step, metric!.Name, best.Value));
        }
    }

    /// <summary>Tells that the run is over after a step, if it is.</summary>
    public void TellEnd(int step)
    {
        if (IsOver)
        {
            report(new TrainingEvent.NothingBetter(
                step, metric!.Name, options.EarlyStoppingPatience!.Value, course!.Best?.Step, course.Best?.Value));
        }
    }

    // What stands before the first step is no checkpoint.
    (int Step, double Value)? Better(int step, double value) =>
        step > 0 && double.IsFinite(value) && (kept is not { } best || metric!.IsBetter(value, best.Value)) ? (step, value) : null;

    void Write((int Step, double Value) best)
    {
        var found = new BestCheckpoint
        {
            Step = best.Step,
            Metric = metric!.Name,
            Value = best.Value,
            GreaterIsBetter = metric.GreaterIsBetter,
            Checkpoint = Path.GetRelativePath(runFolder, checkpoints.PathOf(best.Step)).Replace('\\', '/'),
        };
        if (found != BestCheckpoint.Find(runFolder))
        {
            found.Write(runFolder);
        }
    }

    InvalidDataException Missing(long step, IEnumerable<string> names) => new(FormattableString.Invariant(
        $"The evaluation after step {step} has no {metric!.Name}, by which the best checkpoint is to be found (`MetricForBest`); it has ")
        + $"{string.Join(", ", names.Where(name => name.StartsWith(RunEvaluation.Prefix, StringComparison.Ordinal)))}. "
        + "Choose one of them.");
}
