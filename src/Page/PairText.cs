using OrtDpo.Batches;
using OrtDpo.Data;
using OrtDpo.Tokenizers;

namespace OrtDpo.Page;

/// <summary>A pair as text that can be read and edited.</summary>
/// <param name="Prompt">What the completions continue.</param>
/// <param name="Chosen">The completion that is preferred.</param>
/// <param name="Rejected">The other.</param>
sealed record PairText(string Prompt, string Chosen, string Rejected)
{
    /// <summary>The text whose tokens are those of a pair; null where there is none.</summary>
    /// <param name="pair">A pair.</param>
    /// <param name="tokenizer">Whose tokens they are.</param>
    /// <param name="encoder">How the page makes tokens of a text.</param>
    public static PairText? Of(Example pair, ModelTokenizer tokenizer, ExampleEncoder encoder)
    {
        var leading = tokenizer.EncodeRow("");
        var tokens = pair.Prompt.AsSpan().StartsWith(leading) ? pair.Prompt[leading.Length..] : pair.Prompt;
        var prompt = tokenizer.Decode(tokens, skipSpecial: false);
        if (Completion(pair.Completions[0]) is not { } chosen || Completion(pair.Completions[1]) is not { } rejected)
        {
            return null;
        }

        var pairText = new PairText(prompt, chosen, rejected);
        var back = encoder.Encode(pairText.AsRow()).Tokens;
        return back is not null && back.Prompt.AsSpan().SequenceEqual(pair.Prompt)
            && back.Completions.Zip(pair.Completions).All(both => both.First.AsSpan().SequenceEqual(both.Second))
                ? pairText
                : null;

        // Read behind the prompt: by itself it would lose the space that it begins with.
        string? Completion(int[] ids)
        {
            var text = tokenizer.EosId is { } eos && ids[^1] == eos ? ids[..^1] : ids;
            var whole = tokenizer.Decode([.. tokens, .. text], skipSpecial: false);
            return whole.StartsWith(prompt, StringComparison.Ordinal) ? whole[prompt.Length..] : null;
        }
    }

    /// <summary>The pair as a row of data.</summary>
    public ExampleText AsRow() => new("page", 1, Prompt, [Chosen, Rejected], Judgement.Preference.FirstOfTwo);
}
