namespace OrtDpo.Runtime.Heads;

/// <summary>What the forward of a <see cref="VocabularyHead"/> makes beside the log-probabilities, most of it for its backward.</summary>
public enum VocabularyKeep
{
    /// <summary>Nothing: the backward makes the logits again. A product with the vocabulary more, and no memory.</summary>
    Nothing,

    /// <summary>The logits, <c>[M, V]</c>.</summary>
    Logits,

    /// <summary>
    /// The gradient of the rows for slopes of 1, <c>[M, H]</c>, which the backward scales by the slopes: no logits twice, and none kept.
    /// Only where the matrix has no gradient, since that needs the probabilities once more when the slopes are known.
    /// </summary>
    RowsGradient,

    /// <summary>The largest logit of each row, <c>[M]</c>: no backward follows, but whether the row's token was the likeliest.</summary>
    Largest,
}
