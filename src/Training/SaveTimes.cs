namespace OrtDpo.Training;

/// <summary>Says when a checkpoint is due: after so many steps, after so many minutes, and after the last step.</summary>
sealed class SaveTimes(TrainingPlan plan, TimeProvider time)
{
    readonly TimeSpan? interval = plan.Options.Checkpoints.SaveMinutes is { } minutes ? TimeSpan.FromMinutes(minutes) : null;
    long last = time.GetTimestamp();

    /// <summary>Whether one is due after <paramref name="step"/>.</summary>
    public bool IsDue(int step) => step == plan.TotalSteps
        || (plan.Options.SaveSteps is { } steps && step % steps == 0)
        || (interval is { } limit && time.GetElapsedTime(last) >= limit);

    /// <summary>Counts the minutes from here: one was written, or could not be.</summary>
    public void Restart() => last = time.GetTimestamp();
}
