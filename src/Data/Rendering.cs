namespace OrtDpo.Data;

/// <summary>What a chat template made of a row of messages.</summary>
/// <param name="Prompt">The text of the prompt, with its generation prompt; empty where the row is refused.</param>
/// <param name="Completions">The text of each completion; none where the row is refused.</param>
readonly record struct Rendering(string Prompt, string[] Completions)
{
    /// <summary>What is lost on the way, or scored though the model never writes it.</summary>
    internal IReadOnlyList<TemplateLoss> Losses { get; init; } = [];

    /// <summary>Why the row cannot be used; null where it can.</summary>
    internal Refusal? Refusal { get; private init; }

    internal static Rendering Refused(DropReason reason, string message) => new("", []) { Refusal = new Refusal(reason, message) };
}

/// <summary>Why a chat template did not make text of a row.</summary>
/// <param name="Reason">The kind of reason.</param>
/// <param name="Message">What exactly was found.</param>
public sealed record Refusal(DropReason Reason, string Message);
