namespace OrtDpo.Training;

/// <summary>Something about a run that its numbers show.</summary>
public sealed record Finding
{
    /// <summary>What it is, the same in every version: <c>loss_stuck</c>, <c>overfitting</c>, …; docs/diagnosis.md has all.</summary>
    public required string Id { get; init; }

    /// <summary>How much it matters, by <see cref="Evidence"/>.</summary>
    public required FindingSeverity Severity { get; init; }

    /// <summary>The step at which it first held; 0 = before the first.</summary>
    public required int Since { get; init; }

    /// <summary>The step of <see cref="Evidence"/>: the last at which it held.</summary>
    public required int Step { get; init; }

    /// <summary>Whether it held at the last step that was looked at.</summary>
    public required bool Holds { get; init; }

    /// <summary>One sentence: which numbers, of which steps.</summary>
    public required string Evidence { get; init; }

    /// <summary>What to try, in one sentence; properties stand in backticks.</summary>
    public required string Advice { get; init; }
}
