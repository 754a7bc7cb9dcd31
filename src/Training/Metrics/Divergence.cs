using OrtDpo.Batches;

namespace OrtDpo.Training;

/// <summary>
/// Estimates of the Kullback-Leibler divergence of a policy from its reference (J. Schulman, "Approximating KL Divergence", 2020), of what
/// both say of the same completions.
/// </summary>
/// <param name="Tokens">Tokens of the completion.</param>
/// <param name="LogRatio">k1: the sum of policy − reference log-probabilities, nats.</param>
/// <param name="K3">
/// The sum over tokens of r − 1 − log r with r = reference / policy, nats, never below 0; null where the reference's tokens are not known,
/// but its sum alone.
/// </param>
public readonly record struct Divergence(int Tokens, double LogRatio, double? K3)
{
    // Below it e^d − 1 − d loses more than two digits, and the series needs no more terms.
    const double Small = 0.1;
    const int Terms = 11;

    /// <summary>Of one completion.</summary>
    /// <param name="policy">The policy's log-probabilities of its tokens.</param>
    /// <param name="reference">The reference's.</param>
    public static Divergence Of(ReadOnlySpan<float> policy, CompletionLogps reference)
    {
        double? k3 = null;
        if (reference.Tokens.Length == policy.Length)
        {
            k3 = 0;
            for (var t = 0; t < policy.Length; t++)
            {
                k3 += K3Of((double)reference.Tokens[t] - policy[t]);
            }
        }

        return new Divergence(policy.Length, LogpSum.Of(policy) - reference.Sum, k3);
    }

    /// <summary>e^d − 1 − d, of d = log r; by its series where the terms cancel each other.</summary>
    public static double K3Of(double d)
    {
        if (!(Math.Abs(d) < Small))
        {
            return Math.Exp(d) - 1 - d;
        }

        var rest = 1.0;
        for (var n = Terms; n > 2; n--)
        {
            rest = 1 + (d / n * rest);
        }

        return d * d / 2 * rest;
    }
}
