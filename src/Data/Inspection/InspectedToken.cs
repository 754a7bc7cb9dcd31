using OrtDpo.Batches;

namespace OrtDpo.Data.Inspection;

/// <summary>One token of a row as it is trained on.</summary>
/// <param name="Part"><c>prompt</c>, <c>chosen</c>, <c>rejected</c>, <c>completion</c>, or of several <c>completion 1</c>, ….</param>
/// <param name="Position">In its own sequence: each completion starts again after the prompt.</param>
/// <param name="Id">The token.</param>
/// <param name="Text">The token as its tokenizer writes it.</param>
/// <param name="Label">What the position before it is scored for: the token itself, or −100 where nothing is scored.</param>
public sealed record InspectedToken(string Part, int Position, int Id, string Text, int Label)
{
    const int NotScored = -100;

    /// <summary>All tokens of a row: the prompt's, then those of each completion.</summary>
    public static IReadOnlyList<InspectedToken> Of(Example tokens, Func<int, string> tokenText)
    {
        return
        [
            .. Part("prompt", tokens.Prompt, 0, isScored: false),
            .. CompletionNames.Of(tokens).Zip(tokens.Completions).SelectMany(
                completion => Part(completion.First, completion.Second, tokens.Prompt.Length, isScored: true)),
        ];

        IEnumerable<InspectedToken> Part(string name, int[] ids, int start, bool isScored) =>
            ids.Select((id, i) => new InspectedToken(name, start + i, id, tokenText(id), isScored ? id : NotScored));
    }
}
