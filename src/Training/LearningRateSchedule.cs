namespace OrtDpo.Training;

/// <summary>A linear rise over the warm-up, then a linear fall that would reach 0 one step after the last.</summary>
/// <param name="Peak">The highest learning rate.</param>
/// <param name="TotalSteps">Optimizer steps of the run.</param>
/// <param name="WarmupSteps">Steps of the rise; the last of them has <paramref name="Peak"/>.</param>
public readonly record struct LearningRateSchedule(double Peak, int TotalSteps, int WarmupSteps)
{
    /// <summary>A schedule whose warm-up is a share of the steps, rounded up.</summary>
    public static LearningRateSchedule WithWarmup(double peak, int totalSteps, double ratio) =>
        new(peak, totalSteps, (int)Math.Ceiling(totalSteps * ratio));

    /// <summary>The learning rate of step <paramref name="step"/>, from 1. No step has 0: it would be wasted.</summary>
    public double At(int step)
    {
        var share = step <= WarmupSteps
            ? (double)step / WarmupSteps
            : (double)(TotalSteps + 1 - step) / (TotalSteps + 1 - Math.Max(WarmupSteps, 1));
        return Peak * share;
    }
}
