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

    /// <summary>
    /// A completion holds turns that are not the assistant's (a user's, a tool's), since two conversations part before the last answer or
    /// call functions on the way; they are scored.
    /// </summary>
    UserTurnsScored,

    /// <summary>The texts of messages stand in another order than the messages; nothing of them is lost.</summary>
    MessagesReordered,

    /// <summary>The functions that a row offers (<c>tools</c>) are not in what the template writes.</summary>
    ToolsLost,

    /// <summary>The functions that a message of the prompt calls are not in what the template writes.</summary>
    PromptCallsLost,

    /// <summary>The functions that a message of a completion calls are not in what the template writes.</summary>
    CompletionCallsLost,

    /// <summary>The template does not ask for a switch that the row sets (<c>chat_template_kwargs</c>).</summary>
    SwitchIgnored,
}

/// <summary>Something of a row that is lost, or scored though the model never writes it.</summary>
/// <param name="Kind">What.</param>
/// <param name="Kept">Characters, functions or switches that are kept, or characters that are the model's own.</param>
/// <param name="Of">How many there are in all.</param>
public readonly record struct TemplateLoss(TemplateLossKind Kind, int Kept, int Of);
