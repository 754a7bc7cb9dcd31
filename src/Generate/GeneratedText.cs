namespace OrtDpo.Generate;

/// <summary>A text that a model wrote behind a prompt.</summary>
/// <param name="Text">The text without its prompt and without special tokens.</param>
/// <param name="Ids">Its tokens, without the one that ended it.</param>
/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="Finish">Why it ended.</param>
public sealed record GeneratedText(string Text, IReadOnlyList<int> Ids, int PromptTokens, FinishReason Finish);
