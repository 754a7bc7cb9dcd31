using System.Globalization;
using OrtDpo.Runs;

namespace OrtDpo.Training;

/// <summary>When a run evaluates, and what follows from it: which checkpoint is the best, and when there is nothing more to gain.</summary>
public sealed record EvaluationOptions
{
    const string None = "none";

    /// <summary>When the held-out rows are scored. No weight depends on it.</summary>
    public EvaluationTimes EvalStrategy { get; init; }

    /// <summary>Whether the checkpoint of the best evaluation is kept; implied by the others.</summary>
    public bool KeepBest { get; init; }

    /// <summary>The metric that says which evaluation is the best, with or without <c>eval_</c>; null: <c>eval_loss</c>.</summary>
    public string? MetricForBest { get; init; }

    /// <summary>Whether a higher number is the better one; null: as the metric's name says.</summary>
    public bool? GreaterIsBetter { get; init; }

    /// <summary>The run ends after so many evaluations in a row without a better one; null: it does not.</summary>
    public int? EarlyStoppingPatience { get; init; }

    /// <summary>By how much an evaluation must be better to count as such for <see cref="EarlyStoppingPatience"/>.</summary>
    public double EarlyStoppingThreshold { get; init; }

    /// <summary>Whether the best checkpoint is asked for.</summary>
    public bool HasBest => KeepBest || MetricForBest is not null || EarlyStoppingPatience is not null;

    /// <summary>Refuses options that have no effect.</summary>
    /// <exception cref="ArgumentException">One has none beside the others, or the metric's direction is not known.</exception>
    public void RequireEffect()
    {
        if (!HasBest && GreaterIsBetter is not null)
        {
            throw new ArgumentException("`GreaterIsBetter` has no effect without `MetricForBest`.");
        }

        if (EarlyStoppingPatience is null && EarlyStoppingThreshold != 0)
        {
            throw new ArgumentException("`EarlyStoppingThreshold` has no effect without `EarlyStoppingPatience`.");
        }

        if (!HasBest)
        {
            return;
        }

        if (EvalStrategy == EvaluationTimes.No)
        {
            throw new ArgumentException("`EvalStrategy` is no, and nothing then says which checkpoint is the best. "
                + "Leave out `KeepBest`, `MetricForBest` and `EarlyStoppingPatience`, or evaluate.");
        }

        BestMetric.Of(this);
    }

    /// <summary>Adds them to a run's configuration. A resumed run may have others: none of them moves a weight.</summary>
    /// <param name="config">The configuration.</param>
    public void AddTo(RunConfig config)
    {
        // Older runs know none of them.
        Add("eval_strategy", EvalStrategy.ToString().ToLowerInvariant(), "steps");
        var best = HasBest ? BestMetric.Of(this) : null;
        Add("metric_for_best", best?.Name ?? None, None);
        Add("greater_is_better", best is null ? None : best.GreaterIsBetter ? "true" : "false", None);
        Add("early_stopping_patience", EarlyStoppingPatience?.ToString(CultureInfo.InvariantCulture) ?? None, None);
        Add("early_stopping_threshold", EarlyStoppingThreshold.ToString("R", CultureInfo.InvariantCulture), "0");

        void Add(string name, string value, string usual) => config.Add(name, value).Informative(movesBits: false).Unless(usual);
    }
}
