using System.Diagnostics.CodeAnalysis;

namespace OrtDpo.Runs;

/// <summary>Which of a run's checkpoints is meant: the newest, the best, or that of a step.</summary>
public sealed record CheckpointChoice
{
    /// <summary>What a choice may be called, for messages.</summary>
    public const string Names = "last, best or step-N";

    readonly bool isBest;
    readonly int? step;

    CheckpointChoice(bool isBest, int? step)
    {
        this.isBest = isBest;
        this.step = step;
    }

    /// <summary>The newest.</summary>
    public static CheckpointChoice Last { get; } = new(isBest: false, step: null);

    /// <summary>That which <c>best.json</c> names.</summary>
    public static CheckpointChoice Best { get; } = new(isBest: true, step: null);

    /// <summary>That of a step.</summary>
    public static CheckpointChoice OfStep(int step) => new(isBest: false, step);

    /// <summary>The choice of that name; false where there is none.</summary>
    public static bool TryParse(string name, [NotNullWhen(true)] out CheckpointChoice? choice)
    {
        choice = name switch
        {
            "last" => Last,
            "best" => Best,
            _ => Checkpoints.StepOf(name) is { } step ? OfStep(step) : null,
        };
        return choice is not null;
    }

    /// <summary>The step of the run's checkpoint; null: the newest.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="checkpoints">Its checkpoints.</param>
    /// <exception cref="InvalidDataException">The run has no such checkpoint.</exception>
    internal int? StepIn(string folder, Checkpoints checkpoints)
    {
        var wanted = isBest ? BestIn(folder) : step;
        var steps = checkpoints.Steps();
        return wanted is not { } number || steps.Contains(number)
            ? wanted
            : throw new InvalidDataException(
                checkpoints.Lacks(number) + (steps.Count == 0 ? "" : " Choose one of them (`Checkpoint`)."));
    }

    static int BestIn(string folder) => BestCheckpoint.Find(folder)?.Step ?? throw new InvalidDataException(
        $"{folder} holds no {BestCheckpoint.FileName}: no checkpoint of the run is known to be the "
        + "best. Choose another (`Checkpoint`), or train with `KeepBest`.");
}
