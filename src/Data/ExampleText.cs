using OrtDpo.Batches;

namespace OrtDpo.Data;

/// <summary>One row as text.</summary>
/// <param name="Source">Name of the file it came from.</param>
/// <param name="SourceRow">From 1: the line of a JSON Lines file, the place in a JSON array.</param>
/// <param name="Prompt">What the completions continue.</param>
/// <param name="Completions">The texts that continue it; of a pair the chosen one first.</param>
/// <param name="Known">What is known of the completions.</param>
public sealed record ExampleText(string Source, long SourceRow, string Prompt, IReadOnlyList<string> Completions, Judgement Known)
{
    readonly string? decidedBy;

    /// <summary>
    /// The text that decides what becomes of the row, so that all rows of it fare alike: its prompt; of a conversation whose turns are rows
    /// of their own, the prompt of the first.
    /// </summary>
    public string DecidedBy { get => decidedBy ?? Prompt; init => decidedBy = value; }

    /// <summary>Which of the assistant's turns of a whole conversation it is, from 1, and of how many; null where it is none.</summary>
    public (int Turn, int Of)? Turn { get; init; }

    /// <summary>How reports name the row.</summary>
    public string Id => $"{Source}:{SourceRow}";

    /// <summary>How many times the other answer's score the chosen one has; null where the row does not say.</summary>
    public double? ScoreRatio { get; init; }

    /// <summary>What the row says that the completions of its pair are worth; null where it does not.</summary>
    public PairScores? Scores { get; init; }

    /// <summary>Whether its completions are those of a ranked list, from which pairs were chosen.</summary>
    public bool IsRanked { get; init; }

    /// <summary>What the chat template loses of the row, or has scored though the model never writes it.</summary>
    public IReadOnlyList<TemplateLoss> Losses { get; init; } = [];

    /// <summary>Set where the text alone shows that the row cannot be used.</summary>
    public DropReason? Unusable { get; init; }

    /// <summary>What a chat template says against the row; null where it is no row of messages, or the template takes it.</summary>
    public string? Refusal { get; init; }

    /// <summary>A row whose text shows that it cannot be used.</summary>
    internal static ExampleText Dropped(string source, long row, Judgement known, DropReason reason) =>
        new(source, row, "", [], known) { Unusable = reason };

    /// <summary>A row of messages that a chat template makes no text of.</summary>
    internal static ExampleText Refused(string source, long row, Judgement known, Refusal refusal) =>
        Dropped(source, row, known, refusal.Reason) with { Refusal = refusal.Message };
}
