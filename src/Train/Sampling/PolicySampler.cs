using OrtDpo.Runtime.Generation;
using OrtDpo.Tokenizers;
using OrtDpo.Train.Engine;
using OrtDpo.Training;

namespace OrtDpo.Train;

/// <summary>Asks the policy that trains, with the weights as they lie in the engine's memory: there is no second copy of them.</summary>
/// <param name="engine">The engine, which outlives this.</param>
/// <param name="tokenizer">Tokens to text.</param>
/// <param name="prompts">What is asked.</param>
/// <param name="options">How long answers may become, and how their tokens are chosen.</param>
/// <param name="seed">What draws follow from: the same at each evaluation, so that answers compare.</param>
sealed class PolicySampler(
    StepEngine engine, ModelTokenizer tokenizer, IReadOnlyList<SamplePrompt> prompts, SampleOptions options, ulong seed)
{
    /// <summary>The longest text that may come of prompts, in tokens; 0 without prompts.</summary>
    public static int LongestOf(IReadOnlyList<SamplePrompt> prompts, SampleOptions options) =>
        prompts.Count == 0 ? 0 : prompts.Max(prompt => prompt.Tokens.Length) + options.SampleTokens;

    /// <summary>An answer to each prompt, in their order.</summary>
    /// <param name="stop">Gives them up.</param>
    /// <exception cref="InvalidDataException">A logit is no number.</exception>
    /// <exception cref="OperationCanceledException">They were given up.</exception>
    public IReadOnlyList<SampledAnswer> Answer(CancellationToken stop)
    {
        // Keys and values take memory that a step may want: they are there only as long as answers are made.
        using var logits = engine.Logits();
        logits.Reserve(LongestOf(prompts, options));
        return [.. prompts.Select((prompt, i) => Answer(logits, prompt, i, stop))];
    }

    SampledAnswer Answer(FragmentLogits logits, SamplePrompt prompt, int number, CancellationToken stop)
    {
        // Whatever was asked before: the same numbers to the last bit.
        logits.Forget();
        var sampling = options.SampleTemperature is { } temperature ? new Sampling { Temperature = temperature } : null;
        var choice = new TokenChoice(sampling, seed: unchecked((long)seed), sample: number);
        int[] added = [.. TokenDecoding.Continue(prompt.Tokens, options.SampleTokens, tokenizer.EosIds, Next, choice)];
        var before = tokenizer.Decode(prompt.Tokens, skipSpecial: false);
        // Behind the prompt: some decoders drop a space at the beginning of a text.
        var whole = tokenizer.Decode([.. prompt.Tokens, .. added], skipSpecial: false);
        return new SampledAnswer(
            before, whole.StartsWith(before, StringComparison.Ordinal) ? whole[before.Length..] : tokenizer.Decode(added), added.Length,
            added.Length < options.SampleTokens);

        float[] Next(long[] ids)
        {
            stop.ThrowIfCancellationRequested();
            return logits.Next(ids);
        }
    }
}
