namespace OrtDpo.Batches;

/// <summary>The tokens of one preference pair, or of a prompt with one completion, as they are scored.</summary>
/// <param name="Prompt">Token ids of the prompt, the beginning-of-sequence token included; never empty.</param>
/// <param name="Chosen">
/// Token ids of the chosen (or only) completion, the end-of-sequence token included unless it was cut; never empty.
/// </param>
/// <param name="Rejected">Token ids of the rejected completion, likewise; empty for supervised and unpaired rows.</param>
public sealed record PairTokens(int[] Prompt, int[] Chosen, int[] Rejected)
{
    /// <summary>Positions that the pair occupies in a row: the prompt once, and both completions.</summary>
    public int Length => Prompt.Length + Chosen.Length + Rejected.Length;

    /// <summary>Positions that the pair occupies in a batch of that layout.</summary>
    public int PositionsIn(BatchLayout layout) =>
        layout == BatchLayout.Stacked && IsPair ? 2 * (Prompt.Length + Math.Max(Chosen.Length, Rejected.Length)) : Length;

    /// <summary>The largest token id.</summary>
    public int LargestId => Prompt.Concat(Chosen).Concat(Rejected).Max();

    /// <summary>Whether there is a rejected completion.</summary>
    public bool IsPair => Rejected.Length > 0;
}
