namespace OrtDpo.Export;

/// <summary>
/// How far storing the weights in 16 bits or 4 moved the policy's log-probabilities, per completion token in nats; computation is float32
/// before and after.
/// </summary>
/// <param name="Dtype">What the weights are stored in.</param>
/// <param name="MeanDifference">Mean of |rounded − float32|.</param>
/// <param name="MaxDifference">The largest difference.</param>
public sealed record Rounding(string Dtype, double MeanDifference, double MaxDifference);
