using OrtDpo.Core.Batches;
using OrtDpo.Core.Data;

namespace OrtDpo.Core.Cache;

/// <summary>A row of the reference cache.</summary>
public sealed record CachedPair
{
    /// <summary>Identity of the tokens under the cache's contract; see <see cref="Cache.RowKey"/>.</summary>
    public required string RowKey { get; init; }

    /// <summary>Name of the file the row came from.</summary>
    public required string Source { get; init; }

    /// <summary>Its row there, from 1.</summary>
    public required long SourceRow { get; init; }

    /// <summary>Training or held out.</summary>
    public required Split Split { get; init; }

    /// <summary>What was scored.</summary>
    public required PairTokens Tokens { get; init; }

    /// <summary>The reference's log-probability of the chosen completion in nats: the sum of its tokens'.</summary>
    public required double RefChosenLogps { get; init; }

    /// <summary>Likewise of the rejected completion.</summary>
    public required double RefRejectedLogps { get; init; }

    /// <summary>The reference's log-probability of each token of the chosen completion, in nats.</summary>
    public required float[] RefChosenTokenLogps { get; init; }

    /// <summary>Likewise of the rejected completion.</summary>
    public required float[] RefRejectedTokenLogps { get; init; }

    /// <summary>The first thing that is wrong with the row under <paramref name="contractDigest"/>; null where nothing is.</summary>
    internal string? Fault(string contractDigest)
    {
        if (RefChosenTokenLogps.Length != Tokens.Chosen.Length || RefRejectedTokenLogps.Length != Tokens.Rejected.Length)
        {
            return "its token ids and token log-probabilities differ in number";
        }

        if (Sum(RefChosenTokenLogps) != RefChosenLogps || Sum(RefRejectedTokenLogps) != RefRejectedLogps)
        {
            return "its log-probabilities are not finite, or not the sums of its tokens'";
        }

        return Cache.RowKey.Of(contractDigest, Tokens) == RowKey ? null : "its row_key is not that of its tokens";
    }

    /// <summary>Sums in double, one token after the other.</summary>
    internal static double Sum(ReadOnlySpan<float> tokenLogps)
    {
        var sum = 0.0;
        foreach (var logp in tokenLogps)
        {
            sum += logp;
        }

        return sum;
    }
}
