namespace OrtDpo.Batches;

/// <summary>A prompt with one or more completions as they are scored, and what is known of these: one type for every kind of row.</summary>
/// <param name="Prompt">Token ids of the prompt, the beginning-of-sequence token included; never empty.</param>
/// <param name="Completions">
/// Token ids of each completion, the end-of-sequence token included unless it was cut; at least one, and none is empty.
/// </param>
/// <param name="Known">What is known of the completions.</param>
public sealed record Example(int[] Prompt, IReadOnlyList<int[]> Completions, Judgement Known)
{
    /// <summary>What a row of that judgement is.</summary>
    public RowKind Kind => Known.Kind;

    /// <summary>Positions that the example occupies in a row: the prompt once, and every completion.</summary>
    public int Length => Prompt.Length + ScoredTokens;

    /// <summary>Tokens that are scored: those of the completions.</summary>
    public int ScoredTokens => Completions.Sum(completion => completion.Length);

    /// <summary>The longest completion, in tokens.</summary>
    public int LongestCompletion => Completions.Max(completion => completion.Length);

    /// <summary>The largest token id.</summary>
    public int LargestId => Math.Max(Prompt.Max(), Completions.Max(completion => completion.Max()));

    /// <summary>A preference pair: completion 0 is preferred to completion 1.</summary>
    public static Example Pair(int[] prompt, int[] chosen, int[] rejected) =>
        new(prompt, [chosen, rejected], Judgement.Preference.FirstOfTwo);

    /// <summary>A completion that somebody found desirable, or not.</summary>
    public static Example Labelled(int[] prompt, int[] completion, bool isDesirable) =>
        new(prompt, [completion], new Judgement.Label(isDesirable));

    /// <summary>A completion of which nothing is known: one to learn, or to score.</summary>
    public static Example Unjudged(int[] prompt, int[] completion) => new(prompt, [completion], Judgement.Nothing);

    /// <summary>Positions that the example occupies in a batch of that layout.</summary>
    public int PositionsIn(BatchLayout layout) => layout == BatchLayout.Stacked ? Completions.Count * WidthIn(layout) : Length;

    /// <summary>The longest row that the example needs in a batch of that layout.</summary>
    public int WidthIn(BatchLayout layout) => layout == BatchLayout.Stacked ? Prompt.Length + LongestCompletion : Length;
}
