namespace OrtDpo.Data.Cache;

/// <summary>Unpaired feedback of the reference cache: a completion, its label, and what KTO compares it with.</summary>
public sealed record CachedFeedback : CachedRow
{
    /// <summary>The label.</summary>
    public required bool Desirable { get; init; }

    /// <summary>The reference's log-probability of the completion in nats: the sum of its tokens'.</summary>
    public required double RefLogps { get; init; }

    /// <summary>The reference's log-probability of each token of the completion, in nats.</summary>
    public required float[] RefTokenLogps { get; init; }

    /// <summary>The key of the row whose completion is put behind this row's prompt; see <see cref="Mismatch"/>.</summary>
    public required string KlRowKey { get; init; }

    /// <summary>The reference's log-probability of that completion behind this row's prompt, in nats.</summary>
    public required double RefKlLogps { get; init; }

    internal override (double, double) Sums => (RefLogps, RefKlLogps);

    private protected override string? ScoreFault() =>
        ScoreFault(Tokens.Chosen, RefTokenLogps, RefLogps) ?? (double.IsFinite(RefKlLogps) ? null : "its ref_kl_logps is not finite");
}
