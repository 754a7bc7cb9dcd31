using System.Globalization;
using OrtDpo.Runs;

namespace OrtDpo.Training;

/// <summary>The numbers of a training run.</summary>
public sealed record TrainingOptions
{
    /// <summary>The highest learning rate, reached at the end of the warm-up.</summary>
    public double LearningRate { get; init; } = 1e-6;

    /// <summary>
    /// Share of the steps over which the learning rate rises; null: <see cref="OptimizationOptions.DefaultWarmupRatio"/>, or as many as
    /// <see cref="OptimizationOptions.WarmupSteps"/> says.
    /// </summary>
    public double? WarmupRatio { get; init; }

    /// <summary>AdamW's decoupled decay.</summary>
    public float WeightDecay { get; init; }

    /// <summary>How the learning rate goes, and AdamW's other numbers.</summary>
    public OptimizationOptions Optimization { get; init; } = new();

    /// <summary>The gradient's global norm above which it is scaled down; 0 = never.</summary>
    public float MaxGradNorm { get; init; } = 1;

    /// <summary>Passes over the training rows; without effect where <see cref="MaxSteps"/> is set.</summary>
    public int Epochs { get; init; } = 1;

    /// <summary>Optimizer steps, over as many epochs as that takes; null = by <see cref="Epochs"/>.</summary>
    public int? MaxSteps { get; init; }

    /// <summary>Pairs (or rows that are no pairs) of an optimizer step.</summary>
    public int BatchPairs { get; init; } = 8;

    /// <summary>Pairs of a micro-batch; null = as many as <see cref="MicroPositions"/> holds.</summary>
    public int? MicroPairs { get; init; }

    /// <summary>Positions of a micro-batch, padding included, where <see cref="MicroPairs"/> is null.</summary>
    public int MicroPositions { get; init; } = MicroBatches.PositionBudget;

    /// <summary>Steps between two checkpoints; the last step always leaves one. null = minutes alone decide.</summary>
    public int? SaveSteps { get; init; } = 100;

    /// <summary>When else is saved, and what is kept.</summary>
    public CheckpointOptions Checkpoints { get; init; } = new();

    /// <summary>Steps between two evaluations; the start and the last step always have one.</summary>
    public int EvalSteps { get; init; } = 100;

    /// <summary>Decides the order of the rows.</summary>
    public ulong Seed { get; init; }

    /// <summary>When is evaluated, and what follows from it.</summary>
    public EvaluationOptions Evaluation { get; init; } = new();

    /// <summary>What the policy is asked at evaluations.</summary>
    public SampleOptions Sampling { get; init; } = new();

    /// <summary>
    /// Adds them to a run's configuration, which a resumed run must have again. A new number has its property here, its entry at the end of
    /// this method, and its option in the command line; nothing else.
    /// </summary>
    /// <param name="config">The configuration.</param>
    /// <param name="plan">What they come to.</param>
    public void AddTo(RunConfig config, TrainingPlan plan)
    {
        config.Add("learning_rate", LearningRate);
        if (Optimization.WarmupSteps is { } warmupSteps)
        {
            config.Add("warmup_steps", warmupSteps);
        }
        else if (plan.Schedule.Kind.HasWarmup)
        {
            config.Add("warmup_ratio", WarmupRatio ?? OptimizationOptions.DefaultWarmupRatio);
        }

        config
            .Add("weight_decay", WeightDecay)
            .Add("max_grad_norm", MaxGradNorm)
            .Add("total_steps", plan.TotalSteps)
            .Add("batch_pairs", BatchPairs)
            .Add("micro_pairs", MicroPairs?.ToString(CultureInfo.InvariantCulture) ?? "auto")
            .Add("save_steps", SaveSteps ?? 0).Informative(movesBits: false)
            .Add("eval_steps", EvalSteps)
            .Add("seed", (long)Seed);
        Evaluation.AddTo(config);
        Sampling.AddTo(config);
        // Older runs know no other number, and have no entry.
        if (MicroPositions != MicroBatches.PositionBudget)
        {
            config.Add("micro_positions", MicroPositions);
        }

        Checkpoints.AddTo(config);
        Optimization.AddTo(config, plan.Schedule, WeightDecay);
    }
}
