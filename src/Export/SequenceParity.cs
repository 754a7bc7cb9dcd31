namespace OrtDpo.Export;

/// <summary>How far the sums of completions' log-probabilities are from the policy's, in nats: errors of one sign add up in them.</summary>
/// <param name="Completions">Completions that were compared.</param>
/// <param name="MaxDifference">The difference of the completion that is nearest to its limit, which grows with its length.</param>
/// <param name="Limit">That limit.</param>
public sealed record SequenceParity(int Completions, double MaxDifference, double Limit)
{
    public bool Holds => MaxDifference <= Limit;
}
