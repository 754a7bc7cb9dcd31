using OrtDpo.Data;
using OrtDpo.Models.Decoders;
using OrtDpo.Tokenizers;
using OrtDpo.Training;

namespace OrtDpo.Train;

/// <summary>A prompt that a policy answers at each evaluation.</summary>
/// <param name="Id">How messages name it.</param>
/// <param name="Tokens">Its tokens.</param>
readonly record struct SamplePrompt(string Id, int[] Tokens)
{
    /// <summary>The prompts that are asked for.</summary>
    /// <param name="options">Which.</param>
    /// <param name="heldOut">Held-out rows.</param>
    /// <param name="tokenizer">Text to tokens.</param>
    /// <param name="conversations">How messages become text.</param>
    /// <param name="sizes">The model's.</param>
    /// <exception cref="InvalidDataException">
    /// There are no held-out rows, the file is damaged, or a prompt leaves no room for an answer.
    /// </exception>
    public static IReadOnlyList<SamplePrompt> All(
        SampleOptions options, IReadOnlyList<TrainingRow> heldOut, ModelTokenizer tokenizer, Conversations conversations, ModelSizes sizes)
    {
        var prompts = options.SamplePrompts is { } file ? OfFile(file, tokenizer, conversations) : OfRows(heldOut, options.Samples);
        foreach (var prompt in prompts)
        {
            if (prompt.Tokens.Length == 0)
            {
                throw new InvalidDataException($"{prompt.Id}: the prompt has no tokens, so that nothing predicts the first of an answer. "
                    + "Give a prompt with text.");
            }

            tokenizer.RequireKnown(prompt.Id, prompt.Tokens.Max(), sizes.VocabSize);
            if (prompt.Tokens.Length + (long)options.SampleTokens > sizes.MaxPositions)
            {
                throw new InvalidDataException(FormattableString.Invariant(
                    $"{prompt.Id}: the prompt has {prompt.Tokens.Length} tokens, and with an answer of {options.SampleTokens} ")
                    + FormattableString.Invariant($"(`SampleTokens`) more than the model's {sizes.MaxPositions} positions. ")
                    + "Ask for shorter answers, or give a shorter prompt.");
            }
        }

        return prompts;
    }

    static List<SamplePrompt> OfRows(IReadOnlyList<TrainingRow> heldOut, int count)
    {
        if (heldOut.Count == 0)
        {
            throw new InvalidDataException("`Samples` has no effect: no rows are held out, whose prompts could be asked. "
                + "Hold some out (`EvalFiles`, `EvalFraction`), or give prompts (`SamplePrompts`).");
        }

        // Each prompt once, whatever rows share it.
        return
        [
            .. heldOut.DistinctBy(row => string.Join(' ', row.Tokens.Prompt)).Take(count)
                .Select(row => new SamplePrompt(row.Id, row.Tokens.Prompt)),
        ];
    }

    static List<SamplePrompt> OfFile(string file, ModelTokenizer tokenizer, Conversations conversations) =>
    [
        .. PromptFile.Read(DataSource.FromPaths([file])[0], conversations, asChat: false).Select(prompt => new SamplePrompt(
            prompt.Id ?? file, prompt.IsRendered ? tokenizer.EncodeRow(prompt.Text) : tokenizer.Encode(prompt.Text))),
    ];
}
