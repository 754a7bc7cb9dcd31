using OrtDpo.Batches;

namespace OrtDpo.Data;

/// <summary>What became of a row's text: tokens, or the reason why not.</summary>
/// <param name="Tokens">Null where the row is dropped.</param>
/// <param name="Drop">Null where the row is kept.</param>
/// <param name="Cut">Tokens cut off the end of each completion, the end-of-sequence token included; none where the row is dropped.</param>
/// <param name="Boundary">Whether prompt and completion merge at their boundary, so that a completion was encoded by itself.</param>
public readonly record struct EncodedExample(Example? Tokens, DropReason? Drop, IReadOnlyList<int> Cut, bool Boundary)
{
    /// <summary>Tokens cut off the beginning of the prompt, behind a beginning-of-sequence token.</summary>
    public int PromptCut { get; init; }

    /// <summary>Completions of <see cref="Tokens"/> that a token ends at which generation stops.</summary>
    public int Ended { get; init; }

    /// <summary>Whether anything was cut.</summary>
    internal bool IsCut => PromptCut + Cut.Sum() > 0;

    internal static EncodedExample Dropped(DropReason reason) => new(Tokens: null, reason, [], Boundary: false);
}
