using OrtDpo.Batches;

namespace OrtDpo.Data;

/// <summary>What became of a pair's text: tokens, or the reason why not.</summary>
/// <param name="Tokens">Null where the pair is dropped.</param>
/// <param name="Drop">Null where the pair is kept.</param>
/// <param name="ChosenCut">Tokens cut off the end of the chosen completion, the end-of-sequence token included.</param>
/// <param name="RejectedCut">Likewise of the rejected one.</param>
/// <param name="Boundary">Whether prompt and completion merge at their boundary, so that a completion was encoded by itself.</param>
public readonly record struct EncodedPair(PairTokens? Tokens, DropReason? Drop, int ChosenCut, int RejectedCut, bool Boundary)
{
    /// <summary>Tokens cut off the beginning of the prompt, behind a beginning-of-sequence token.</summary>
    public int PromptCut { get; init; }

    /// <summary>Completions of <see cref="Tokens"/> that a token ends at which generation stops.</summary>
    public int Ended { get; init; }

    /// <summary>Whether anything was cut.</summary>
    internal bool IsCut => PromptCut + ChosenCut + RejectedCut > 0;

    internal static EncodedPair Dropped(DropReason reason) => new(Tokens: null, reason, 0, 0, Boundary: false);
}
