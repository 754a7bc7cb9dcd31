using System.Globalization;
using OrtDpo.Runs;

namespace OrtDpo.Training;

/// <summary>When a run saves beside <see cref="TrainingOptions.SaveSteps"/>, and what it keeps. None of it changes a number.</summary>
public sealed record CheckpointOptions
{
    const string Never = "never";

    /// <summary>Minutes after which the next step leaves a checkpoint; null = steps alone decide.</summary>
    public double? SaveMinutes { get; init; }

    /// <summary>How many of the newest checkpoints stay; 1 or more.</summary>
    public int SaveTotalLimit { get; init; } = Checkpoints.UsuallyKept;

    /// <summary>Adds them to a run's configuration; a resumed run may have others.</summary>
    public void AddTo(RunConfig config) => config
        // Older runs know none of them.
        .Add("save_minutes", SaveMinutes?.ToString(CultureInfo.InvariantCulture) ?? Never).Informative(movesBits: false).Unless(Never)
        .Add("save_total_limit", SaveTotalLimit).Informative(movesBits: false).Unless(Checkpoints.UsuallyKept);
}
