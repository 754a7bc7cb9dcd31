namespace OrtDpo.Batches;

/// <summary>
/// How far two float32 computations of the same log-probability may lie apart: the step-0 gate's measure, and that of every other place
/// that compares a cache with a model.
/// </summary>
public static class LogpTolerance
{
    /// <summary>Allowed per token, nats. Batching alone moves a token by 5e-5.</summary>
    public const double Token = 2e-4;

    /// <summary>Allowed per completion of <paramref name="tokens"/> tokens, nats.</summary>
    public static double Sequence(int tokens) => 1e-3 + (1e-5 * tokens);
}
