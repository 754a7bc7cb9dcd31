namespace OrtDpo.Training;

/// <summary>
/// Schedules as Transformers publishes them (<c>transformers.optimization</c>): from the steps that are done to the share of the highest
/// learning rate that the next one has.
/// </summary>
static class ScheduleFormulas
{
    public static double ConstantWithWarmup(int done, ScheduleNumbers of) => Rise(done, of) ?? 1;

    public static double Linear(int done, ScheduleNumbers of) =>
        Rise(done, of) ?? Math.Max(0, (double)(of.TotalSteps - done) / Math.Max(1, of.TotalSteps - of.WarmupSteps));

    public static double Cosine(int done, ScheduleNumbers of) => Rise(done, of) ?? Math.Max(0, Wave(of, Progress(done, of)));

    public static double CosineWithRestarts(int done, ScheduleNumbers of)
    {
        var progress = Progress(done, of);
        return Rise(done, of)
            ?? (progress >= 1 ? 0 : Math.Max(0, 0.5 * (1 + Math.Cos(Math.PI * (of.Arguments.NumCycles!.Value * progress % 1)))));
    }

    public static double CosineWithMinLr(int done, ScheduleNumbers of) =>
        Rise(done, of) ?? Math.Max(0, Above(of.Arguments.MinLrRate!.Value, Wave(of, Progress(done, of))));

    // One step ahead of the others: the first has more than 0, the last has the lowest.
    public static double CosineWarmupWithMinLr(int done, ScheduleNumbers of)
    {
        if (done >= of.WarmupSteps)
        {
            var progress = (done - of.WarmupSteps + 1.0) / Math.Max(1, of.TotalSteps - of.WarmupSteps);
            return Math.Max(0, Above(of.Arguments.MinLrRate!.Value, Wave(of, progress)));
        }

        return of.Arguments.WarmupLrRate is { } start
            ? start + ((1 - start) * done / Math.Max(1, of.WarmupSteps - 1))
            : (done + 1.0) / Math.Max(1, of.WarmupSteps);
    }

    public static double Polynomial(int done, ScheduleNumbers of)
    {
        if (Rise(done, of) is { } rise)
        {
            return rise;
        }

        var (end, power) = (of.Arguments.LrEnd!.Value, of.Arguments.Power!.Value);
        var remaining = 1 - ((double)(done - of.WarmupSteps) / (of.TotalSteps - of.WarmupSteps));
        return (((of.Peak - end) * Math.Pow(remaining, power)) + end) / of.Peak;
    }

    public static double InverseSqrt(int done, ScheduleNumbers of)
    {
        var timescale = of.Arguments.Timescale!.Value;
        return Rise(done, of) ?? 1 / Math.Sqrt((double)(done + timescale - of.WarmupSteps) / timescale);
    }

    public static double WarmupStableDecay(int done, ScheduleNumbers of)
    {
        var arguments = of.Arguments;
        var (stable, decay, lowest) = (arguments.NumStableSteps!.Value, arguments.NumDecaySteps!.Value, arguments.MinLrRatio!.Value);
        if (done < of.WarmupSteps)
        {
            var risen = (double)done / Math.Max(1, of.WarmupSteps);
            return Math.Max(0, Above(lowest, arguments.WarmupType switch
            {
                "linear" => risen,
                "cosine" => 0.5 * (1 - Math.Cos(Math.PI * risen)),
                _ => 1 - Math.Sqrt(1 - risen),
            }));
        }

        if (done < of.WarmupSteps + stable)
        {
            return 1;
        }

        if (done >= of.WarmupSteps + stable + decay)
        {
            return lowest;
        }

        var fallen = (double)(done - of.WarmupSteps - stable) / Math.Max(1, decay);
        return Math.Max(0, Above(lowest, arguments.DecayType switch
        {
            "linear" => 1 - fallen,
            "cosine" => Wave(of, fallen),
            _ => 1 - Math.Sqrt(fallen),
        }));
    }

    // Of runs from before schedules had names: each value a step earlier than 'linear' has it, so that no step has 0.
    public static double Former(int done, ScheduleNumbers of) => done < of.WarmupSteps
        ? (done + 1.0) / of.WarmupSteps
        : (double)(of.TotalSteps - done) / (of.TotalSteps + 1 - Math.Max(of.WarmupSteps, 1));

    static double? Rise(int done, ScheduleNumbers of) => done < of.WarmupSteps ? (double)done / of.WarmupSteps : null;

    static double Progress(int done, ScheduleNumbers of) =>
        (double)(done - of.WarmupSteps) / Math.Max(1, of.TotalSteps - of.WarmupSteps);

    static double Wave(ScheduleNumbers of, double progress) =>
        0.5 * (1 + Math.Cos(Math.PI * of.Arguments.NumCycles!.Value * 2 * progress));

    static double Above(double lowest, double share) => (share * (1 - lowest)) + lowest;
}
