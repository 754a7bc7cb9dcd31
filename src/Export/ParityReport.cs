using System.Globalization;
using System.Text.Json.Serialization;
using OrtDpo.Export.Precision;

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

    /// <summary>How a graph that computes in 16 bits was compared; null, and not written, where it computes in float32.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ComputedRun? Compute { get; init; }

    /// <summary>The sums of whole completions; null, and not written, where they were not compared.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SequenceParity? Sequences { get; init; }

    /// <summary>Decoding with the cache; null, and not written, where the exported model has none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CacheParity? Cache { get; init; }

    public bool Holds => Fault is null;

    /// <summary>What does not hold, for people; null where all does.</summary>
    [JsonIgnore]
    public string? Fault =>
        !(MeanDifference <= MeanLimit && MaxDifference <= MaxLimit) ? string.Create(
            CultureInfo.InvariantCulture,
            $"mean {MeanDifference:g3} and at most {MaxDifference:g3} nats per token over {Tokens} tokens; "
            + $"expected at most {MeanLimit:g3} and {MaxLimit:g3}")
        : Sequences is { Holds: false } sums ? string.Create(
            CultureInfo.InvariantCulture,
            $"{sums.MaxDifference:g3} nats in the sum of a completion; expected at most {sums.Limit:g3}")
        : Cache is not { } cache || cache.Holds(MeanLimit, MaxLimit) ? null
        : string.Create(
            CultureInfo.InvariantCulture,
            $"decoding with the cache differs from running all tokens by mean {cache.MeanDifference:g3} and at most "
            + $"{cache.MaxDifference:g3} nats per token over {cache.Tokens} tokens, of which {cache.OtherTokens} are others; "
            + $"expected at most {MeanLimit:g3} and {MaxLimit:g3}, and none");
}
