using OrtDpo.Batches;
using OrtDpo.Safetensors;

namespace OrtDpo.Export.Precision;

/// <summary>
/// How far an exported graph may lie from the policy whose weights it has, in nats: what computing in a type does, whatever the weights
/// are stored in. Where the numbers come from: docs/decisions/0034.
/// </summary>
/// <param name="Mean">Of a token, in the mean.</param>
/// <param name="Max">Of a token, at most.</param>
/// <param name="Tie">Tokens whose log-probabilities are nearer than this may stand in either order.</param>
sealed record ComputeLimits(double Mean, double Max, double Tie)
{
    /// <summary>Of a graph that computes in float32: the order of sums.</summary>
    public static ComputeLimits Float32 { get; } = new(Parity.MeanLimit, Parity.MaxLimit, Parity.Tie);

    /// <summary>Of one in float16, whose numbers have 11 bits. What decodes with its cache is rounded from other sums.</summary>
    public static ComputeLimits Float16 { get; } = new(Mean: 2e-3, Max: 2e-2, Tie: 2e-2);

    /// <summary>Those of what runs on a processor: bfloat16's numbers are widened there, and the graph computes in float32.</summary>
    public static ComputeLimits Of(WeightType compute) => compute == WeightType.F16 ? Float16 : Float32;

    /// <summary>Of the sum over a completion of <paramref name="tokens"/> tokens.</summary>
    public double Sequence(int tokens) => Math.Max(LogpTolerance.Float32.Sequence(tokens), (2 * Max) + (Mean * tokens));
}
