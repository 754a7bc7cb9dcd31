using OrtDpo.Runs;

namespace OrtDpo.Training;

/// <summary>How the learning rate goes, and AdamW's numbers, by the names of Transformers' <c>TrainingArguments</c>.</summary>
public sealed record OptimizationOptions
{
    /// <summary>The share of the steps over which the learning rate rises where nothing is said of it.</summary>
    public const double DefaultWarmupRatio = 0.1;

    /// <summary>The entry of a run's configuration with the schedule's name; runs of before schedules had names have none.</summary>
    public const string ScheduleEntry = "lr_scheduler_type";

    /// <summary>The entry with what decays, in runs that have a decay; those of before had none, and all decayed.</summary>
    public const string DecayEntry = "weight_decay_on";

    const string Matrices = "matrices";

    /// <summary>The schedule's name.</summary>
    public string LrSchedulerType { get; init; } = "linear";

    /// <summary>What the schedule takes beside its warm-up.</summary>
    public ScheduleArguments LrSchedulerKwargs { get; init; } = new();

    /// <summary>Steps over which the learning rate rises; null: by the share.</summary>
    public int? WarmupSteps { get; init; }

    /// <summary>Decay of AdamW's first moment.</summary>
    public float AdamBeta1 { get; init; } = 0.9f;

    /// <summary>Decay of its second moment.</summary>
    public float AdamBeta2 { get; init; } = 0.999f;

    /// <summary>Added to the root of the second moment.</summary>
    public float AdamEpsilon { get; init; } = 1e-8f;

    /// <summary>
    /// That the run began before schedules had names: its learning rate is 'linear' a step earlier, and weight decay is on vectors, too,
    /// unless its configuration says otherwise.
    /// </summary>
    public bool IsFormer { get; init; }

    /// <summary>Whether biases and norms decay as matrices do.</summary>
    public bool DecaysVectors { get; init; }

    /// <summary>Checks what can be said without knowing the run.</summary>
    /// <param name="warmupRatio">The share of the steps over which the learning rate rises; null: not given.</param>
    /// <exception cref="ArgumentException">
    /// The schedule has no such name, or takes no such arguments, or two options do not go together.
    /// </exception>
    public void Require(double? warmupRatio)
    {
        var kind = ScheduleKind.Of(LrSchedulerType);
        if (WarmupSteps is not null && warmupRatio is not null)
        {
            throw new ArgumentException("`WarmupSteps` and `WarmupRatio` are both given; give one of them.");
        }

        if (!kind.HasWarmup && (WarmupSteps is not null || warmupRatio is not null))
        {
            var name = WarmupSteps is null ? "`WarmupRatio`" : "`WarmupSteps`";
            throw new ArgumentException($"{name} has no effect: the schedule {kind.Name} has no warm-up; constant_with_warmup has one.");
        }

        ScheduleChecks.RequireTaken(kind, LrSchedulerKwargs);
    }

    /// <summary>The schedule of a run.</summary>
    /// <param name="peak">The highest learning rate.</param>
    /// <param name="totalSteps">Optimizer steps.</param>
    /// <param name="warmupRatio">The share of the steps over which the learning rate rises; null: not given.</param>
    /// <exception cref="ArgumentException">See <see cref="Require"/>.</exception>
    /// <exception cref="InvalidDataException">It does not fit the run.</exception>
    public LearningRateSchedule ScheduleOf(double peak, int totalSteps, double? warmupRatio)
    {
        Require(warmupRatio);
        var kind = IsFormer ? ScheduleKind.Former : ScheduleKind.Of(LrSchedulerType);
        var warmup = kind.HasWarmup ? WarmupSteps ?? WarmupOf(totalSteps, warmupRatio) : 0;
        return new LearningRateSchedule(kind, peak, totalSteps, warmup, LrSchedulerKwargs);
    }

    /// <summary>Adds them to a run's configuration, the schedule with every number that it takes.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="schedule">The run's schedule.</param>
    /// <param name="weightDecay">The decay; what it is on says nothing where it is 0.</param>
    public void AddTo(RunConfig config, LearningRateSchedule schedule, float weightDecay)
    {
        if (!IsFormer)
        {
            config.Add(ScheduleEntry, LrSchedulerType);
        }

        if (schedule.Arguments != new ScheduleArguments())
        {
            config.Add("lr_scheduler_kwargs", schedule.Arguments.ToJson());
        }

        if (weightDecay > 0 && !DecaysVectors)
        {
            config.Add(DecayEntry, Matrices);
        }

        // Older runs know no others, and have no entries.
        var usual = new OptimizationOptions();
        AddUnless(usual.AdamBeta1, "adam_beta1", AdamBeta1);
        AddUnless(usual.AdamBeta2, "adam_beta2", AdamBeta2);
        AddUnless(usual.AdamEpsilon, "adam_epsilon", AdamEpsilon);

        void AddUnless(float known, string name, float value)
        {
            if (value != known)
            {
                config.Add(name, value);
            }
        }
    }

    /// <summary>The options with which the run goes on that a folder's configuration is of.</summary>
    /// <param name="config">The entries of <c>config.yaml</c>.</param>
    public OptimizationOptions GoingOn(IReadOnlyDictionary<string, string> config) => this with
    {
        IsFormer = !config.ContainsKey(ScheduleEntry) && LrSchedulerType == "linear",
        DecaysVectors = !config.ContainsKey(ScheduleEntry),
    };

    // Rounded up as Transformers does it. What nobody asked for shall not take a run's only step, which would have 0.
    int WarmupOf(int totalSteps, double? ratio)
    {
        var steps = (int)Math.Ceiling(totalSteps * (ratio ?? DefaultWarmupRatio));
        return ratio is null && !IsFormer ? Math.Min(steps, totalSteps - 1) : steps;
    }
}
