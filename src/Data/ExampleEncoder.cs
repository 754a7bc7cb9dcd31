using OrtDpo.Batches;
using OrtDpo.Runs;
using OrtDpo.Tokenizers;

namespace OrtDpo.Data;

/// <summary>
/// Text to scored tokens. The prompt is encoded alone and in front of each completion; where its tokens begin the longer text's, the rest
/// is the completion, otherwise the completion is encoded by itself. The end-of-sequence token is appended unless it was cut, or a token
/// at which generation stops is there; white space, or another such token, behind it is left out.
/// Completions are cut at their end, prompts at their beginning and only if they have a bound of their own.
/// </summary>
/// <param name="encode">Encodes a text from its beginning, with the beginning-of-sequence token where the tokenizer adds one.</param>
/// <param name="encodeContinuation">Encodes a text that continues another: without beginning-of-sequence token and dummy prefix.</param>
/// <param name="eosId">The end-of-sequence token, where the tokenizer has one.</param>
/// <param name="maxLength">Bounds prompt + one completion, in tokens.</param>
public sealed class ExampleEncoder(Func<string, int[]> encode, Func<string, int[]> encodeContinuation, int? eosId, int maxLength)
{
    /// <summary>The encoder of a model's rows.</summary>
    /// <param name="modelFolder">A Hugging Face folder, whose chat template writes rows of messages.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="data">What is asked of the rows.</param>
    /// <param name="maxLength">Bounds prompt + one completion, in tokens.</param>
    /// <exception cref="InvalidDataException">A prompt may be so long that no completion fits behind it.</exception>
    public static ExampleEncoder Of(string modelFolder, ModelTokenizer tokenizer, DataSettings data, int maxLength) =>
        data.MaxPromptLength >= maxLength
            ? throw new InvalidDataException(
                $"`MaxPromptLength` is {data.MaxPromptLength}, and prompt and completion together are bounded by {maxLength} "
                + "(`MaxLength`): no completion would fit behind such a prompt. Give less.")
            : new(tokenizer.EncodeRow, tokenizer.EncodeContinuation, tokenizer.EosId, maxLength)
            {
                BosId = tokenizer.BosId,
                Ends = tokenizer.Ends,
                MaxPromptLength = data.MaxPromptLength,
                Conversations = Conversations.Of(modelFolder, tokenizer, data.TemplateDate, data.ChatTemplate)
                    .With(data.ChatTemplateKwargs, data.Turns ?? ScoredTurns.Last),
            };

    /// <summary>How rows of messages become text; null: they are refused.</summary>
    public Conversations? Conversations { get; init; }

    /// <summary>The end-of-sequence token, where there is one.</summary>
    public int? EosId => eosId;

    /// <summary>All tokens that end a completion, <see cref="EosId"/> among them.</summary>
    public EndTokens Ends { get; init; } = EndTokens.Of(eosId);

    /// <summary>The beginning-of-sequence token, which a prompt that is cut keeps; null where there is none.</summary>
    public int? BosId { get; init; }

    /// <summary>Bounds prompt + one completion, in tokens.</summary>
    public int MaxLength => maxLength;

    /// <summary>Bounds the prompt, in tokens; null: it is never cut.</summary>
    public int? MaxPromptLength { get; init; }

    /// <summary>The digest of the rule by which texts are cut.</summary>
    public static string TruncationDigest(int maxLength, int? maxPromptLength = null) => FileDigest.OfText(
        FormattableString.Invariant($"ortdpo-truncation-1 completion-end max_length={maxLength}")
        + (maxPromptLength is { } bound ? FormattableString.Invariant($" prompt-start max_prompt_length={bound}") : ""));

    /// <summary>Encodes one row.</summary>
    public EncodedExample Encode(ExampleText row)
    {
        if (row.Unusable is { } reason)
        {
            return EncodedExample.Dropped(reason);
        }

        var prompt = encode(row.Prompt);
        if (prompt.Length == 0)
        {
            return EncodedExample.Dropped(DropReason.EmptyPrompt);
        }

        var keptPrompt = CutPrompt(prompt);
        var room = maxLength - keptPrompt.Length;
        if (room < 1)
        {
            return EncodedExample.Dropped(DropReason.PromptTooLong);
        }

        var completions = new int[row.Completions.Count][];
        var cut = new int[completions.Length];
        var boundary = false;
        for (var i = 0; i < completions.Length; i++)
        {
            var (completion, merges) = Continue(row.Prompt, prompt, Ends.UpToEnd(row.Completions[i]));
            if (completion.Length == 0)
            {
                return EncodedExample.Dropped(Emptiness.Of(row.Known, i));
            }

            var whole = WithEos(completion);
            completions[i] = Cut(whole, room);
            cut[i] = whole.Length - completions[i].Length;
            boundary |= merges;
        }

        return new EncodedExample(new Example(keptPrompt, completions, row.Known), Drop: null, cut, boundary)
        {
            PromptCut = prompt.Length - keptPrompt.Length,
            Ended = completions.Count(completion => Ends.Ids.Contains(completion[^1])),
        };
    }

    (int[] Completion, bool Merges) Continue(string prompt, int[] promptIds, string completion)
    {
        var whole = encode(prompt + completion);
        return whole.AsSpan().StartsWith(promptIds) ? (whole[promptIds.Length..], false) : (encodeContinuation(completion), true);
    }

    int[] WithEos(int[] completion) =>
        eosId is not { } eos || Ends.Ids.Contains(completion[^1]) ? completion : [.. completion, eos];

    // What stands last is what the completion answers.
    int[] CutPrompt(int[] prompt)
    {
        if (MaxPromptLength is not { } bound || prompt.Length <= bound)
        {
            return prompt;
        }

        return prompt[0] == BosId ? [prompt[0], .. prompt[^(bound - 1)..]] : prompt[^bound..];
    }

    static int[] Cut(int[] completion, int room) => completion.Length <= room ? completion : completion[..room];
}
