using OrtDpo.Batches;

namespace OrtDpo.Training;

/// <summary>What the loop has to know of an objective.</summary>
public sealed record LossTraits
{
    /// <summary>The rows that it takes.</summary>
    public required RowKind Rows { get; init; }

    /// <summary>Whether it needs the reference's log-probabilities.</summary>
    public required bool NeedsReference { get; init; }

    /// <summary>Whether it is no sum over rows but depends on all rows of the optimizer step together.</summary>
    public bool IsStepWide { get; init; }

    /// <summary>
    /// Whether it needs KTO's reference point, the divergence of the policy from the reference on mismatched completions.
    /// </summary>
    public bool NeedsKl { get; init; }

    /// <summary>Temperature of the implicit reward.</summary>
    public float Beta { get; init; }

    /// <summary>LD-DPO's weight of tokens beyond the length of the pair's shorter completion (arXiv:2409.06411); 1 = plain sums.</summary>
    public float LdAlpha { get; init; } = 1;

    /// <summary>Its value where policy = reference, for the step-0 gate; null where that is no constant.</summary>
    public double? BaseLoss { get; init; }

    /// <summary>Whether a part of it is the negative log-likelihood of chosen completions, to be shown by itself.</summary>
    public bool HasNll { get; init; }
}
