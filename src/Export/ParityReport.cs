using System.Globalization;
using System.Text.Json.Serialization;
using OrtDpo.Export.Precision;

namespace OrtDpo.Export;

/// <summary>
/// How far the exported model is from the policy as it is stored, per completion token in nats, and what storing did; <c>parity.json</c>.
/// </summary>
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
    /// <summary>What rounding the weights did, to be stored; null, and not written, where none was.</summary>
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

    /// <summary>The same tokens by the layers that train; null, and not written, where they were not compared.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public GreedyParity? Greedy { get; init; }

    /// <summary>
    /// Which completions are preferred, by the mean log-probability of a token; null, and not written, where the rows are no pairs.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public OrderParity? Preferences { get; init; }

    /// <summary>Which get the higher reward; null, and not written, where the rows are no pairs or there is no reference.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public OrderParity? Rewards { get; init; }

    public bool Holds => Fault is null;

    /// <summary>What does not hold, for people; null where all does.</summary>
    [JsonIgnore]
    public string? Fault => GraphFault ?? StoringFault;

    /// <summary>What to do about the fault, behind its sentence; empty where that is not known, or there is no fault.</summary>
    [JsonIgnore]
    internal string Advice =>
        GraphFault is not null ? Compute is null ? "" : " Leave `Compute` out."
        : StoringFault is null ? ""
        : Rounding?.Dtype is "float16" or "bfloat16" ? " Store it in another type (`Dtype`)."
        : " Store it in another type (`Dtype`), or tune on a base that is held in few bits (`Base`).";

    // Of the graph, by what is stored.
    string? GraphFault =>
        !(MeanDifference <= MeanLimit && MaxDifference <= MaxLimit) ? string.Create(
            CultureInfo.InvariantCulture,
            $"mean {MeanDifference:g3} and at most {MaxDifference:g3} nats per token over {Tokens} tokens; "
            + $"expected at most {MeanLimit:g3} and {MaxLimit:g3}")
        : Sequences is { Holds: false } sums ? string.Create(
            CultureInfo.InvariantCulture,
            $"{sums.MaxDifference:g3} nats in the sum of a completion; expected at most {sums.Limit:g3}")
        : Cache is { } cache && !cache.Holds(MeanLimit, MaxLimit) ? string.Create(
            CultureInfo.InvariantCulture,
            $"decoding with the cache differs from running all tokens by mean {cache.MeanDifference:g3} and at most "
            + $"{cache.MaxDifference:g3} nats per token over {cache.Tokens} tokens, of which {cache.OtherTokens} are others; "
            + $"expected at most {MeanLimit:g3} and {MaxLimit:g3}, and {(cache.OtherLimit == 0 ? "none" : $"at most {cache.OtherLimit}")}")
        : Greedy is { Holds: false } greedy ? string.Create(
            CultureInfo.InvariantCulture,
            $"{greedy.OtherTokens} of {greedy.Tokens} tokens that it makes are others than the layers that train make likeliest; expected "
            + $"at most {greedy.Limit}")
        : null;

    // Of what is stored, by the policy that was trained.
    string? StoringFault =>
        Rounding is { Holds: false } rounding ? string.Create(
            CultureInfo.InvariantCulture,
            $"storing it as {rounding.Dtype} moved log-probabilities by mean {rounding.MeanDifference:g3} and at most "
            + $"{rounding.MaxDifference:g3} nats per token; expected at most {rounding.MeanLimit:g3} and {rounding.MaxLimit:g3}")
        : Preferences is { Holds: false } preferences ? Changed(preferences, "another completion preferred")
        : Rewards is { Holds: false } rewards ? Changed(rewards, "another completion with the higher reward")
        : null;

    static string Changed(OrderParity order, string what) => string.Create(
        CultureInfo.InvariantCulture, $"{order.Changed} of {order.Pairs} pairs have {what}; expected at most {order.Limit}");
}
