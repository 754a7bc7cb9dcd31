using OrtDpo.Batches;
using OrtDpo.Runs;

namespace OrtDpo.Training.Tests.Diagnoses;

/// <summary>Lines of metrics of a run that nobody trained: a good one, but for what a test changes.</summary>
sealed class NumbersOfRun
{
    public static readonly DiagnosisFacts Dpo = new()
    {
        Rows = RowKind.Pair,
        HasReference = true,
        Beta = 0.1,
        BaseLoss = Math.Log(2),
        HasNll = false,
        LearningRate = 1e-4,
        MaxGradNorm = 1,
        TotalSteps = 60,
        WarmupSteps = 6,
        ModelParameters = 1_000_000,
        IsAdapter = false,
        HeldOutTokens = 20,
        ChosenTokens = 20,
        RejectedTokens = 20,
    };

    public DiagnosisFacts Facts { get; init; } = Dpo;

    public int StepsDone { get; init; } = 60;

    public int EvalSteps { get; init; } = 10;

    /// <summary>Changes a step's numbers; a value of null removes one.</summary>
    public Func<int, (string Name, double? Value)[]> Step { get; init; } = _ => [];

    /// <summary>Changes an evaluation's numbers, likewise.</summary>
    public Func<int, (string Name, double? Value)[]> Evaluation { get; init; } = _ => [];

    public IReadOnlyList<MetricsLine> Lines => [.. Enumerable.Range(0, StepsDone + 1).SelectMany(LinesOf)];

    public Diagnosis Diagnose(bool ended = true) => Diagnosis.Of(Lines, Facts, ended);

    /// <summary>The ids of what is found and holds.</summary>
    public string[] Ids(bool ended = true) => [.. Diagnose(ended).Holding.Select(finding => finding.Id)];

    /// <summary>How much the only finding matters, which must be that one; null: nothing is found.</summary>
    public FindingSeverity? SeverityOf(string id) =>
        Diagnose().Findings is [] ? null : Assert.Single(Diagnose().Findings, finding => finding.Id == id).Severity;

    IEnumerable<MetricsLine> LinesOf(int step)
    {
        if (step > 0)
        {
            // Margins rise as in the demo, and scatter a little.
            var margin = 0.002 * step;
            yield return Line(
                step,
                [
                    ("loss", Math.Log(2) - (margin / 2) + (0.004 * Math.Sin(step))),
                    ("rewards/margins", margin + (0.002 * Math.Cos(step))),
                    ("rewards/accuracies", 0.9),
                    ("grad_norm", 0.8 + (0.1 * Math.Sin(step))),
                    ("skipped_steps", 0),
                ],
                Step(step));
        }

        if (step % EvalSteps == 0)
        {
            yield return Line(
                step,
                [
                    ("eval_loss", Math.Log(2) - (0.001 * step)),
                    ("eval_rewards/margins", 0.002 * step),
                    ("eval_rewards/accuracies", step == 0 ? 0 : 0.9),
                    ("eval_rewards/accuracies_low", step == 0 ? 0 : 0.85),
                    ("eval_rewards/accuracies_high", step == 0 ? 0.02 : 0.94),
                    ("eval_rewards/ties", step == 0 ? 1 : 0),
                    ("eval_logps/chosen", -30 + (0.01 * step)),
                    ("eval_pairs", 200),
                    ("eval_kl_k1", -0.01 * step),
                    ("eval_kl_k3", 0.01 * step),
                    ("eval_mean_log_ratio", -0.0005 * step),
                ],
                Evaluation(step));
        }
    }

    static MetricsLine Line(int step, (string Name, double? Value)[] usual, (string Name, double? Value)[] changed)
    {
        var line = new MetricsLine().Add("step", step);
        foreach (var (name, value) in usual.Where(one => changed.All(other => other.Name != one.Name)).Concat(changed))
        {
            if (value is { } number)
            {
                line.Add(name, number);
            }
        }

        return line;
    }
}
