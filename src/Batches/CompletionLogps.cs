namespace OrtDpo.Batches;

/// <summary>What a model said of one completion, in nats.</summary>
/// <param name="Sum">The log-probability of the completion.</param>
/// <param name="Tokens">The log-probability of each of its tokens.</param>
public sealed record CompletionLogps(double Sum, float[] Tokens)
{
    /// <summary>Of its tokens' log-probabilities.</summary>
    public static CompletionLogps Of(float[] tokens) => new(LogpSum.Of(tokens), tokens);
}
