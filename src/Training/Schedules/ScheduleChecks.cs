namespace OrtDpo.Training;

/// <summary>What is wrong with a schedule's arguments: what it does not take, what lies out of its range, what has no effect.</summary>
static class ScheduleChecks
{
    static readonly string[] Courses = ["linear", "cosine", "1-sqrt"];

    /// <summary>Checks what can be said without knowing the run.</summary>
    /// <exception cref="ArgumentException">An argument is wrong.</exception>
    public static void RequireTaken(ScheduleKind kind, ScheduleArguments given)
    {
        if (given.Names.FirstOrDefault(name => !kind.Arguments.Contains(name)) is { } inert)
        {
            throw new ArgumentException(kind.Arguments.Count == 0
                ? $"`LrSchedulerKwargs` has no effect: the schedule {kind.Name} takes no arguments."
                : $"`LrSchedulerKwargs` has {inert}, which {kind.Name} does not take. "
                    + $"Expected some of {string.Join(", ", kind.Arguments)}.");
        }

        if (FaultOf(kind, given) is { } fault)
        {
            throw new ArgumentException($"`LrSchedulerKwargs` has {fault}.");
        }
    }

    /// <summary>Checks the rest, with what was not given filled in.</summary>
    /// <exception cref="InvalidDataException">The schedule does not fit the run.</exception>
    public static void RequireFit(ScheduleKind kind, ScheduleArguments given, ScheduleNumbers run)
    {
        if (FaultOf(kind, given, run) is { } fault)
        {
            throw new InvalidDataException(fault);
        }
    }

    static string? FaultOf(ScheduleKind kind, ScheduleArguments given) =>
        given.NumCycles is { } cycles && !(cycles > 0 && double.IsFinite(cycles)) ? Text($"num_cycles {cycles}; it must be positive")
        : given.NumCycles is { } falls && kind.Name == "cosine_with_restarts" && falls % 1 != 0
            ? Text($"num_cycles {falls}; it must be a whole number, how often the learning rate falls")
        : given.NumCycles is not null && given.DecayType is { } course && course != "cosine"
            ? $"num_cycles, which has no effect beside decay_type {course}"
        : given.Power is { } power && !(power > 0 && double.IsFinite(power)) ? Text($"power {power}; it must be positive")
        : given.LrEnd is { } end && !(end >= 0 && double.IsFinite(end)) ? Text($"lr_end {end}; it must be at least 0")
        : given.MinLr is not null && given.MinLrRate is not null ? "min_lr and min_lr_rate; give one of them"
        : kind.Arguments.Contains("min_lr") && given.MinLr is null && given.MinLrRate is null
            ? $"neither min_lr nor min_lr_rate, and {kind.Name} needs one of them"
        : given.MinLr is { } lowest && !(lowest >= 0 && double.IsFinite(lowest)) ? Text($"min_lr {lowest}; it must be at least 0")
        : given.MinLrRate is { } rate && rate is not (>= 0 and <= 1) ? Text($"min_lr_rate {rate}; it must be between 0 and 1")
        : given.MinLrRatio is { } ratio && ratio is not (>= 0 and <= 1) ? Text($"min_lr_ratio {ratio}; it must be between 0 and 1")
        : given.WarmupLrRate is { } start && start is not (>= 0 and <= 1) ? Text($"warmup_lr_rate {start}; it must be between 0 and 1")
        : given.Timescale is { } timescale && timescale < 1 ? Text($"timescale {timescale}; it must be positive")
        : given.NumStableSteps is { } stable && stable < 0 ? Text($"num_stable_steps {stable}; it must be at least 0")
        : given.NumDecaySteps is { } decay && decay < 1 ? Text($"num_decay_steps {decay}; it must be positive")
        : kind.Arguments.Contains("num_decay_steps") && given.NumDecaySteps is null
            ? $"no num_decay_steps, and {kind.Name} needs it"
        : given.WarmupType is { } rise && !Courses.Contains(rise) ? $"warmup_type '{rise}'; it must be one of {string.Join(", ", Courses)}"
        : given.DecayType is { } fall && !Courses.Contains(fall) ? $"decay_type '{fall}'; it must be one of {string.Join(", ", Courses)}"
        : null;

    static string? FaultOf(ScheduleKind kind, ScheduleArguments given, ScheduleNumbers run)
    {
        var (peak, total, warmup, arguments) = run;
        if (warmup > total)
        {
            return Text($"The learning rate would rise over {warmup} steps, and the run has {total}: it would never be the highest. ")
                + "Give fewer `WarmupSteps`, or more steps.";
        }

        if (warmup == 0 && (given.WarmupLrRate is not null || given.WarmupType is not null))
        {
            var name = given.WarmupType is null ? "warmup_lr_rate" : "warmup_type";
            return $"`LrSchedulerKwargs` has {name}, which has no effect: the run has no warm-up. Leave it out, or give `WarmupSteps`.";
        }

        if (given.MinLr is { } lowest && lowest > peak)
        {
            return Text($"`LrSchedulerKwargs` has min_lr {lowest}, and `LearningRate`, the highest, is {peak}; give a lower min_lr.");
        }

        if (arguments.LrEnd is { } end && end >= peak)
        {
            return Text($"The schedule {kind.Name} falls to lr_end, {end}, and `LearningRate` is {peak}; lr_end must be below. ")
                + "Give it in `LrSchedulerKwargs`.";
        }

        if (arguments.NumDecaySteps is { } decay && arguments.NumStableSteps is { } stable
            && (stable < 0 || warmup + stable + decay > total))
        {
            var middle = given.NumStableSteps is null ? "" : Text($", {stable} with the highest");
            return Text($"The schedule {kind.Name} has {warmup} steps of warm-up{middle} and {decay} of fall, and the run has {total}. ")
                + "Give fewer in `LrSchedulerKwargs`, or more steps.";
        }

        return kind.Share(0, run) == 0 && Enumerable.Range(0, total).All(done => kind.Share(done, run) == 0)
            ? Text($"The learning rate would be 0 in all {total} steps: it rises from 0 over {warmup}. ")
                + "Give fewer `WarmupSteps`, or more steps."
            : null;
    }

    static string Text(FormattableString text) => FormattableString.Invariant(text);
}
