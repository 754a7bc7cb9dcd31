namespace OrtDpo.Data;

/// <summary>A prompt as text.</summary>
/// <param name="Text">The text that a model continues.</param>
/// <param name="IsRendered">
/// Whether a chat template wrote it of messages: it then writes the beginning-of-sequence token itself, where the model has one.
/// </param>
public sealed record PromptText(string Text, bool IsRendered)
{
    /// <summary>How reports name its row; null where it is of no file.</summary>
    public string? Id { get; init; }
}
