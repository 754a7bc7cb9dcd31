using OrtDpo.Batches;

namespace OrtDpo.Runtime.Generation;

/// <summary>
/// Chooses one token after the other from logits: the likeliest, or one that is drawn. The same seed draws the same tokens of the same
/// logits on every machine.
/// </summary>
public sealed class TokenChoice
{
    // The numbers of [0, 1) that have 53 bits.
    const double Step = 1.0 / (1L << 53);

    readonly Sampling? sampling;
    readonly double penalty;
    SplitMix64 random;

    /// <param name="sampling">How tokens are drawn; null: always the likeliest, the first of equals.</param>
    /// <param name="repetitionPenalty">
    /// What logits of tokens that prompt or text hold are divided by (<see cref="TokenDistribution.Penalize"/>); above 0, 1: none.
    /// </param>
    /// <param name="seed">What the draws follow from: SplitMix64, begun with its own mix of the seed and the sample.</param>
    /// <param name="sample">Which of several texts of one seed it is for, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
    public TokenChoice(Sampling? sampling = null, double repetitionPenalty = 1, long seed = 0, int sample = 0)
    {
        sampling?.RequireValid();
        if (!(repetitionPenalty > 0 && double.IsFinite(repetitionPenalty)))
        {
            throw new ArgumentOutOfRangeException(nameof(repetitionPenalty), repetitionPenalty, "The penalty must be positive.");
        }

        ArgumentOutOfRangeException.ThrowIfNegative(sample);
        this.sampling = sampling;
        penalty = repetitionPenalty;
        random = new SplitMix64(SplitMix64.Mix(SplitMix64.Mix(unchecked((ulong)seed)) + (ulong)sample));
    }

    /// <summary>The next token.</summary>
    /// <param name="logits"><c>[V]</c>, unnormalized; they may be changed.</param>
    /// <param name="before">The tokens of prompt and text, each once.</param>
    /// <exception cref="InvalidDataException">A logit is NaN or ∞, or all are −∞.</exception>
    public int Next(Span<float> logits, IEnumerable<int> before)
    {
        if (penalty != 1)
        {
            TokenDistribution.Penalize(logits, before, penalty);
        }

        return sampling is null
            ? GreedyDecoding.Likeliest(logits)
            : TokenDistribution.Of(logits, sampling).At((random.Next() >> 11) * Step);
    }
}
