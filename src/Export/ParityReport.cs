using System.Text.Json.Serialization;

namespace OrtDpo.Export;

/// <summary>How far the exported model is from the policy as it is stored, per completion token in nats; <c>parity.json</c>.</summary>
/// <param name="Pairs">Pairs that were compared.</param>
/// <param name="Tokens">Completion tokens that were compared.</param>
/// <param name="MeanDifference">Mean of |exported − policy|.</param>
/// <param name="MaxDifference">The largest difference.</param>
/// <param name="WorstPair">The pair with the largest difference, counted from 0 within the sample.</param>
/// <param name="MeanLimit">What the mean may be.</param>
/// <param name="MaxLimit">What the largest may be.</param>
public sealed record ParityReport(
    int Pairs, int Tokens, double MeanDifference, double MaxDifference, int WorstPair, double MeanLimit, double MaxLimit)
{
    /// <summary>What storing the weights in 16 bits did; null, and not written, where they are float32.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Rounding? Rounding { get; init; }

    public bool Holds => MeanDifference <= MeanLimit && MaxDifference <= MaxLimit;
}
