namespace OrtDpo.Training;

/// <summary>What the step-0 gate measured.</summary>
/// <param name="Rows">Rows of the sample, or their pairs.</param>
/// <param name="Tokens">Scored tokens of the sample.</param>
/// <param name="MaxTokenDifference">The largest difference of a token's log-probability, nats.</param>
/// <param name="MaxSequenceDifference">The largest difference of a completion's log-probability, nats.</param>
/// <param name="MaxReward">The largest reward, or of pairs the largest margin, which is 0 in exact arithmetic.</param>
/// <param name="Loss">The loss of the sample.</param>
/// <param name="ExpectedLoss">What it was compared with.</param>
/// <param name="IsBaseValue">
/// Whether that is the objective's constant value where policy = reference, and not what it makes of the cache's numbers.
/// </param>
public sealed record GateReport(
    int Rows, int Tokens, double MaxTokenDifference, double MaxSequenceDifference, double MaxReward, double Loss, double ExpectedLoss,
    bool IsBaseValue);
