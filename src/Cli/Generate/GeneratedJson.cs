using OrtDpo.Data;
using OrtDpo.Generate;
using OrtDpo.Runtime.Generation;

namespace OrtDpo.Cli.Generate;

/// <summary>A text as <c>generate --json</c> prints it, on a line of its own.</summary>
/// <param name="Id">The prompt's row: file and line; null where it was given by itself.</param>
/// <param name="Prompt">The prompt as the model reads it.</param>
/// <param name="Sample">Which of the prompt's texts it is, from 1.</param>
/// <param name="Text">The text without its prompt.</param>
/// <param name="FinishReason">Why it ended.</param>
/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="NewTokens">Tokens of the text.</param>
/// <param name="Tokens">Their ids.</param>
/// <param name="Sampling">How they were drawn; null: they are the likeliest.</param>
/// <param name="RepetitionPenalty">What divided the logits of tokens that were there; 1: nothing.</param>
/// <param name="Seed">What the draws follow from; null where nothing was drawn.</param>
sealed record GeneratedJson(
    string? Id, string Prompt, int Sample, string Text, FinishReason FinishReason, int PromptTokens, int NewTokens,
    IReadOnlyList<int> Tokens, Sampling? Sampling, double RepetitionPenalty, long? Seed)
{
    public static GeneratedJson Of(PromptText prompt, GeneratedText made, GenerationOptions options) => new(
        prompt.Id, prompt.Text, options.Sample + 1, made.Text, made.Finish, made.PromptTokens, made.Ids.Count, made.Ids,
        options.Sampling, options.RepetitionPenalty, options.Sampling is null ? null : options.Seed);
}
