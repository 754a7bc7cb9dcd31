namespace OrtDpo.Data;

/// <summary>What a chat template, or the way in which conversations part, does to a row of messages.</summary>
public enum TemplateLossKind
{
    /// <summary>The text of a message of the prompt is not in what the template writes.</summary>
    PromptTextLost,

    /// <summary>The text of a message of a completion is not, or not whole, in what the template writes.</summary>
    CompletionTextLost,

    /// <summary>The reasoning of a message (<c>reasoning_content</c>, <c>thinking</c>) is not in what the template writes.</summary>
    ReasoningLost,

    /// <summary>A completion holds turns of a user, since two conversations part before the last answer; they are scored.</summary>
    UserTurnsScored,

    /// <summary>The texts of messages stand in another order than the messages; nothing of them is lost.</summary>
    MessagesReordered,
}

/// <summary>Something of a row that is lost, or scored though the model never writes it.</summary>
/// <param name="Kind">What.</param>
/// <param name="Kept">Characters that are kept, or that are the model's own.</param>
/// <param name="Of">Characters in all.</param>
public readonly record struct TemplateLoss(TemplateLossKind Kind, int Kept, int Of);
