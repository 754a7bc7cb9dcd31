namespace OrtDpo.Batches;

/// <summary>
/// How far two computations of the same log-probability may lie apart: the step-0 gate's measure, and that of every other place
/// that compares a cache with a model. Where the numbers come from: docs/decisions/0030.
/// </summary>
public sealed record LogpTolerance
{
    readonly double perSequence;
    readonly double perToken;
    readonly double perRoot;
    readonly double spread;
    readonly double drift;

    LogpTolerance(double token, double perSequence, double perToken, double perRoot, double spread, double drift)
    {
        Token = token;
        this.perSequence = perSequence;
        this.perToken = perToken;
        this.perRoot = perRoot;
        this.spread = spread;
        this.drift = drift;
    }

    /// <summary>Of two float32 computations. Batching alone moves a token by 5e-5.</summary>
    public static LogpTolerance Float32 { get; } =
        new(token: 2e-4, perSequence: 1e-3, perToken: 1e-5, perRoot: 0, spread: 2e-4, drift: 2e-4);

    /// <summary>
    /// Of two bfloat16 computations, which lie as far apart as each of them from float32. Their tokens err independently and without a
    /// bias, by up to 0.1 in the root mean square and ten times that at worst, so completions by the root of their length.
    /// </summary>
    public static LogpTolerance BFloat16 { get; } =
        new(token: 1.5, perSequence: 1, perToken: 0, perRoot: 0.5, spread: 0.15, drift: 0.4);

    /// <summary>Allowed per token, nats.</summary>
    public double Token { get; }

    /// <summary>That of two computations in a type.</summary>
    public static LogpTolerance Of(ComputeDtype dtype) => dtype == ComputeDtype.BFloat16 ? BFloat16 : Float32;

    /// <summary>Allowed per completion of <paramref name="tokens"/> tokens, nats.</summary>
    public double Sequence(int tokens) => perSequence + (perToken * tokens) + (perRoot * Math.Sqrt(tokens));

    /// <summary>
    /// Allowed of the root mean square over a sample of <paramref name="tokens"/> tokens, nats: what no token shows by itself where
    /// <see cref="Token"/> is wide. A sample of one token is one token.
    /// </summary>
    public double RootMeanSquare(int tokens) => spread + ((Token - spread) / Math.Sqrt(tokens));

    /// <summary>
    /// Allowed of the mean over a sample of <paramref name="tokens"/> tokens, nats, either way: rounding has no bias, and faults have.
    /// </summary>
    public double Mean(int tokens) => Math.Min(Token, (drift / Math.Sqrt(tokens)) + (Token / tokens));
}
