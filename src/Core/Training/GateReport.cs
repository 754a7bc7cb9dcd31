namespace OrtDpo.Core.Training;

/// <summary>What the step-0 gate measured.</summary>
/// <param name="Pairs">Pairs of the sample.</param>
/// <param name="Tokens">Scored tokens of the sample.</param>
/// <param name="MaxTokenDifference">The largest difference of a token's log-probability, nats.</param>
/// <param name="MaxSequenceDifference">The largest difference of a completion's log-probability, nats.</param>
/// <param name="MaxRewardMargin">The largest reward margin, which is 0 in exact arithmetic.</param>
/// <param name="Loss">The mean loss of the sample.</param>
public sealed record GateReport(
    int Pairs, int Tokens, double MaxTokenDifference, double MaxSequenceDifference, double MaxRewardMargin, double Loss);
