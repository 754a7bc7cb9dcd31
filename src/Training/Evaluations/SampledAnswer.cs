namespace OrtDpo.Training;

/// <summary>What a policy answers to a prompt.</summary>
/// <param name="Prompt">The prompt's text, as the model reads it.</param>
/// <param name="Answer">The answer's text.</param>
/// <param name="Tokens">Tokens of the answer, without one that ends it.</param>
/// <param name="IsEnded">Whether the model ended it; else it was cut where it may become no longer.</param>
public sealed record SampledAnswer(string Prompt, string Answer, int Tokens, bool IsEnded);
