using OrtDpo.Batches;

namespace OrtDpo.Training;

/// <summary>One row of data as the loop sees it: tokens, and what the reference said of them.</summary>
/// <param name="Key">The row's key in the reference cache; the identity of its tokens.</param>
/// <param name="Tokens">The tokens; all rows of a run are pairs, or all are single completions.</param>
/// <param name="Reference">The reference's log-probabilities; null where the objective has no reference.</param>
/// <param name="Source">The name of the file that the row came from.</param>
/// <param name="SourceRow">The row's number there, from 1.</param>
public sealed record TrainingRow(string Key, PairTokens Tokens, ReferenceLogps? Reference, string Source, long SourceRow)
{
    /// <summary>What is said of a single completion; null where rows are pairs or supervised.</summary>
    public Feedback? Feedback { get; init; }

    /// <summary>How messages name the row.</summary>
    public string Id => $"{Source}:{SourceRow}";

    /// <summary>Tokens that are scored.</summary>
    public int ScoredTokens => Tokens.Chosen.Length + Tokens.Rejected.Length;

    /// <summary>Tokens of the row's sequences as TRL counts them: the prompt once per completion.</summary>
    public int SequenceTokens => ScoredTokens + (Tokens.Prompt.Length * (Tokens.IsPair ? 2 : 1));
}

/// <summary>Unpaired feedback on a completion.</summary>
/// <param name="Desirable">The label.</param>
/// <param name="Mismatched">The completion of another row, for KTO's reference point; cut so that it fits behind this row's prompt.</param>
/// <param name="RefMismatchedLogps">The reference's log-probability of it behind this row's prompt, nats.</param>
public sealed record Feedback(bool Desirable, int[] Mismatched, double RefMismatchedLogps);
