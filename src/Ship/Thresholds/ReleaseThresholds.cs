namespace OrtDpo.Ship.Thresholds;

/// <summary>
/// What the release gate asks of a run and its export. A check that is false or null is left out, and the report says so. Why the numbers
/// are what they are: docs/ship.md.
/// </summary>
public sealed record ReleaseThresholds
{
    /// <summary>Whether every file of the run must be as its manifest says.</summary>
    public bool Run { get; init; } = true;

    /// <summary>Whether the reference cache must be whole, and the one that the run was trained on.</summary>
    public bool Cache { get; init; } = true;

    /// <summary>Whether data files that are given must be those that the rows were made of.</summary>
    public bool Data { get; init; } = true;

    /// <summary>Whether the reference must be there, and say what the cache has of it.</summary>
    public bool Reference { get; init; } = true;

    /// <summary>Whether the export must be of the run's newest checkpoint.</summary>
    public bool Export { get; init; } = true;

    /// <summary>Whether every file of the export must be as its manifest says.</summary>
    public bool ExportFiles { get; init; } = true;

    /// <summary>Whether cache, checkpoint and export must have the run's tokenizer.</summary>
    public bool Tokenizer { get; init; } = true;

    /// <summary>Whether the export must have the chat template that the rows were made with.</summary>
    public bool ChatTemplate { get; init; } = true;

    /// <summary>How many prompts must be held out at least; null: any number.</summary>
    public int? Prompts { get; init; } = 50;

    /// <summary>What the lower end of the interval of <c>rewards/accuracies</c> must be above; null: not looked at.</summary>
    public double? Accuracy { get; init; } = 0.5;

    /// <summary>What the lower end of the interval of the mean reward margin must be above; null: not looked at.</summary>
    public double? Margin { get; init; } = 0;

    /// <summary>
    /// How far the chosen completions' log-probabilities may have fallen, in nats per token: the upper end of the interval; null: not
    /// looked at.
    /// </summary>
    public double? ChosenFall { get; init; } = 0.3;

    /// <summary>
    /// What the perplexity of chosen completions may be, as a part of the reference's: the upper end of the interval; null: not looked at.
    /// </summary>
    public double? Perplexity { get; init; } = 1.35;

    /// <summary>
    /// How far the policy's next-token distributions may be from the reference's, in nats per token: the upper end of the interval; null:
    /// not looked at.
    /// </summary>
    public double? Kl { get; init; } = 0.3;

    /// <summary>Whether the exported model must say what the policy says.</summary>
    public bool Parity { get; init; } = true;

    /// <summary>Whether a check that cannot be judged counts as blocked.</summary>
    public bool BlockUnjudged { get; init; }
}
