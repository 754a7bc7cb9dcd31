using System.Text.Json.Serialization;

namespace OrtDpo.Export;

/// <summary>
/// How far rounding the weights, to 16 bits or fewer, moved the policy's log-probabilities, per completion token in nats; computation is
/// float32 before and after.
/// </summary>
/// <param name="Dtype">What the weights are stored in.</param>
/// <param name="MeanDifference">Mean of |rounded − trained|.</param>
/// <param name="MaxDifference">The largest difference.</param>
public sealed record Rounding(string Dtype, double MeanDifference, double MaxDifference)
{
    /// <summary>What the mean may be; null, and not written: anything.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? MeanLimit { get; init; }

    /// <summary>What the largest may be; null, and not written: anything.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? MaxLimit { get; init; }

    [JsonIgnore]
    public bool Holds => (MeanLimit is null || MeanDifference <= MeanLimit) && (MaxLimit is null || MaxDifference <= MaxLimit);
}
