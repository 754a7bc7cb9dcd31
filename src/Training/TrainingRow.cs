using OrtDpo.Batches;

namespace OrtDpo.Training;

/// <summary>One row of data as the loop sees it: tokens, and what the reference said of them.</summary>
/// <param name="Keys">
/// The keys in the reference cache, which are the identity of the tokens: one, or of ranked completions one for each pair.
/// </param>
/// <param name="Tokens">The tokens; all rows of a run are of one kind.</param>
/// <param name="Reference">What the reference said of each completion; null where the objective has no reference.</param>
/// <param name="Source">The name of the file that the row came from.</param>
/// <param name="SourceRow">The row's number there, from 1.</param>
public sealed record TrainingRow(
    IReadOnlyList<string> Keys, Example Tokens, IReadOnlyList<CompletionLogps>? Reference, string Source, long SourceRow)
{
    /// <summary>Another row's completion behind this prompt, for KTO's reference point; null where rows are no unpaired feedback.</summary>
    public MismatchedCompletion? Mismatched { get; init; }

    /// <summary>The name of the set that the row is held out with; null: it is of no named one, or is trained on.</summary>
    public string? Set { get; init; }

    /// <summary>How messages name the row.</summary>
    public string Id => $"{Source}:{SourceRow}";

    /// <summary>Summands that the row gives a loss: its pairs, or 1.</summary>
    public int Terms => Tokens.Known.Terms;

    /// <summary>Tokens that are scored.</summary>
    public int ScoredTokens => Tokens.ScoredTokens;

    /// <summary>Tokens of the row's sequences as TRL counts them: the prompt once per completion.</summary>
    public int SequenceTokens => ScoredTokens + (Tokens.Prompt.Length * Tokens.Completions.Count);

    /// <summary>Tokens of the completions that the loss takes as chosen, once for each of their pairs, or of the only one.</summary>
    public long ChosenTokens => Tokens.Known.Pairs is { Count: > 0 } pairs
        ? pairs.Sum(pair => (long)Tokens.Completions[pair.Chosen].Length)
        : Tokens.Completions[0].Length;
}

/// <summary>The completion of another row.</summary>
/// <param name="Tokens">Its tokens, cut so that they fit behind this row's prompt.</param>
/// <param name="RefLogps">The reference's log-probability of it behind this row's prompt, nats.</param>
public sealed record MismatchedCompletion(int[] Tokens, double RefLogps);
