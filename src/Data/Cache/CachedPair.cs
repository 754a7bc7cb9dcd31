namespace OrtDpo.Data.Cache;

/// <summary>A preference pair of the reference cache.</summary>
public sealed record CachedPair : CachedRow
{
    /// <summary>The reference's log-probability of the chosen completion in nats: the sum of its tokens'.</summary>
    public required double RefChosenLogps { get; init; }

    /// <summary>Likewise of the rejected completion.</summary>
    public required double RefRejectedLogps { get; init; }

    /// <summary>The reference's log-probability of each token of the chosen completion, in nats.</summary>
    public required float[] RefChosenTokenLogps { get; init; }

    /// <summary>Likewise of the rejected completion.</summary>
    public required float[] RefRejectedTokenLogps { get; init; }

    internal override (double, double) Sums => (RefChosenLogps, RefRejectedLogps);

    private protected override string? ScoreFault() =>
        ScoreFault(Tokens.Chosen, RefChosenTokenLogps, RefChosenLogps)
        ?? ScoreFault(Tokens.Rejected, RefRejectedTokenLogps, RefRejectedLogps);
}
