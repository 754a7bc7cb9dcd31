namespace OrtDpo.Data.Cache;

/// <summary>A log-probability scored again, in nats.</summary>
/// <param name="Where">Row, completion and token.</param>
/// <param name="Found">What it is now.</param>
/// <param name="Cached">What the cache holds.</param>
/// <param name="Tolerance">How far they may lie apart.</param>
public sealed record Difference(string Where, double Found, double Cached, double Tolerance)
{
    /// <summary>Nothing was compared.</summary>
    public static Difference None { get; } = new("", 0, 0, 1);

    /// <summary>How far they lie apart.</summary>
    public double Distance => Math.Abs(Found - Cached);

    /// <summary>This one or <paramref name="other"/>, whichever takes up more of its tolerance.</summary>
    internal Difference Farther(Difference other) => other.Distance / other.Tolerance >= Distance / Tolerance ? other : this;

    /// <summary>What is beyond the tolerance, as a sentence; null where nothing is.</summary>
    internal string? Fault() => Distance <= Tolerance
        ? null
        : FormattableString.Invariant($"{Where}: the cache holds {Cached:G9} and the model gives {Found:G9}, {Distance:g3} nats apart; ")
            + FormattableString.Invariant($"at most {Tolerance:g3} is rounding. Run precompute into another folder.");
}
