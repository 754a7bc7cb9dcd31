namespace OrtDpo.Training;

/// <summary>A kind of schedule: everything that is to say of it. A new one is a formula, and a line here.</summary>
public sealed record ScheduleKind
{
    /// <summary>Its name in Transformers.</summary>
    public required string Name { get; init; }

    /// <summary>How the learning rate goes behind the warm-up, for people.</summary>
    public required string Course { get; init; }

    /// <summary>
    /// The share of the highest learning rate after k steps: w steps of warm-up, N of the run, p = (k - w) / (N - w).
    /// </summary>
    public required string Formula { get; init; }

    /// <summary>What it takes in <see cref="OptimizationOptions.LrSchedulerKwargs"/>, by Transformers' names.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Whether it has a warm-up.</summary>
    public bool HasWarmup { get; init; } = true;

    /// <summary>From the steps that are done to the share of the next.</summary>
    public required Func<int, ScheduleNumbers, double> Share { get; init; }

    /// <summary>The arguments with those that were not given.</summary>
    public Func<ScheduleNumbers, ScheduleArguments> Complete { get; init; } = numbers => numbers.Arguments;

    /// <summary>All kinds that have a name.</summary>
    public static IReadOnlyList<ScheduleKind> All { get; } =
    [
        new()
        {
            Name = "linear", Course = "falling linearly to 0", Formula = "1 - p", Share = ScheduleFormulas.Linear,
        },
        new()
        {
            Name = "cosine", Course = "falling along a cosine", Formula = "(1 + cos(2π num_cycles p)) / 2",
            Arguments = ["num_cycles"], Share = ScheduleFormulas.Cosine,
            Complete = of => of.Arguments with { NumCycles = of.Arguments.NumCycles ?? 0.5 },
        },
        new()
        {
            Name = "cosine_with_restarts", Course = "falling along a cosine again and again",
            Formula = "(1 + cos(π ((num_cycles p) mod 1))) / 2",
            Arguments = ["num_cycles"], Share = ScheduleFormulas.CosineWithRestarts,
            Complete = of => of.Arguments with { NumCycles = of.Arguments.NumCycles ?? 1 },
        },
        new()
        {
            Name = "cosine_with_min_lr", Course = "falling along a cosine to the lowest",
            Formula = "m + (1 - m) (1 + cos(2π num_cycles p)) / 2, m = min_lr_rate, or min_lr / the highest",
            Arguments = ["num_cycles", "min_lr", "min_lr_rate"], Share = ScheduleFormulas.CosineWithMinLr, Complete = WithLowest,
        },
        new()
        {
            Name = "cosine_warmup_with_min_lr", Course = "falling along a cosine to the lowest",
            Formula = "the same at k + 1; in the warm-up (k + 1) / w, or r + (1 - r) k / (w - 1) with r = warmup_lr_rate",
            Arguments = ["num_cycles", "min_lr", "min_lr_rate", "warmup_lr_rate"], Share = ScheduleFormulas.CosineWarmupWithMinLr,
            Complete = WithLowest,
        },
        new()
        {
            Name = "polynomial", Course = "falling as a power", Formula = "e + (1 - e) (1 - p)^power, e = lr_end / the highest",
            Arguments = ["lr_end", "power"], Share = ScheduleFormulas.Polynomial,
            Complete = of => of.Arguments with { LrEnd = of.Arguments.LrEnd ?? 1e-7, Power = of.Arguments.Power ?? 1 },
        },
        new()
        {
            Name = "inverse_sqrt", Course = "falling as 1 / √ of the step", Formula = "√(timescale / (k - w + timescale))",
            Arguments = ["timescale"], Share = ScheduleFormulas.InverseSqrt,
            Complete = of => of.Arguments with
            {
                Timescale = of.Arguments.Timescale ?? (of.WarmupSteps > 0 ? of.WarmupSteps : 10_000),
            },
        },
        new()
        {
            Name = "constant", Course = "the same in every step", Formula = "1", HasWarmup = false, Share = (_, _) => 1,
        },
        new()
        {
            Name = "constant_with_warmup", Course = "the same in every step", Formula = "1", Share = ScheduleFormulas.ConstantWithWarmup,
        },
        new()
        {
            Name = "warmup_stable_decay", Course = "the same, and at the end falling",
            Formula = "1 for num_stable_steps, then m + (1 - m) f(q) over num_decay_steps, then m = min_lr_ratio; f by decay_type: "
                + "linear 1 - q, cosine (1 + cos(2π num_cycles q)) / 2, 1-sqrt 1 - √q; the warm-up rises from m by warmup_type",
            Arguments = ["num_decay_steps", "num_stable_steps", "warmup_type", "decay_type", "min_lr_ratio", "num_cycles"],
            Share = ScheduleFormulas.WarmupStableDecay,
            Complete = of => of.Arguments with
            {
                NumStableSteps = of.Arguments.NumStableSteps ?? (of.TotalSteps - of.WarmupSteps - of.Arguments.NumDecaySteps),
                WarmupType = of.Arguments.WarmupType ?? "linear",
                DecayType = of.Arguments.DecayType ?? "cosine",
                MinLrRatio = of.Arguments.MinLrRatio ?? 0,
                NumCycles = of.Arguments.NumCycles ?? 0.5,
            },
        },
    ];

    /// <summary>What runs of before schedules had names go on with; nobody can ask for it.</summary>
    internal static ScheduleKind Former { get; } = new()
    {
        Name = "linear", Course = "falling linearly to one step before 0, as it began", Formula = "1 - p", Share = ScheduleFormulas.Former,
    };

    /// <summary>The kind of a name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static ScheduleKind Of(string name) => All.FirstOrDefault(kind => kind.Name == name)
        ?? throw new ArgumentException(name == "reduce_lr_on_plateau"
            ? "`LrSchedulerType` is reduce_lr_on_plateau, which waits for evaluations; here a step's learning rate follows from its "
                + "number, so that a resumed run has the same."
            : $"`LrSchedulerType` is '{name}'; it must be one of {string.Join(", ", All.Select(kind => kind.Name))}.");

    static ScheduleArguments WithLowest(ScheduleNumbers of) => of.Arguments with
    {
        NumCycles = of.Arguments.NumCycles ?? 0.5,
        MinLr = null,
        MinLrRate = of.Arguments.MinLrRate ?? (of.Arguments.MinLr / of.Peak),
    };
}
