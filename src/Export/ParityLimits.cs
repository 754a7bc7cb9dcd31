using OrtDpo.Batches;
using OrtDpo.Export.Quantized;
using OrtDpo.Safetensors;

namespace OrtDpo.Export;

/// <summary>
/// What an export may be off, in nats per completion token: the exported graph from what is stored, and what is stored from the policy that
/// was trained, where storing rounded. How each was measured: docs/exports.md.
/// </summary>
/// <param name="Mean">Of |exported − stored| the mean.</param>
/// <param name="Max">The largest.</param>
/// <param name="OtherTokens">Share of greedily made tokens that may be others than what is stored makes likeliest.</param>
/// <param name="PolicyMean">Of |stored − policy| the mean; null: nothing was rounded.</param>
/// <param name="PolicyMax">The largest; null: nothing was rounded.</param>
/// <param name="Changed">Share of the pairs whose order may change, of those that are no ties.</param>
/// <remarks>What computing in 16 bits does is measured in docs/decisions/0034.</remarks>
sealed record ParityLimits(double Mean, double Max, double OtherTokens, double? PolicyMean, double? PolicyMax, double Changed)
{
    /// <summary>A graph in float32 over weights that are the policy's: float32 batching alone moves a token by 5e-5.</summary>
    public static ParityLimits Exact { get; } = new(1e-5, 5e-4, 0, null, null, 0);

    /// <summary>The same over a base in 4 bits, with its very bytes: what was tuned is what is deployed.</summary>
    public static ParityLimits AsHeld { get; } = Exact with { Max = 1e-4 };

    /// <summary>Two logits that are so near, in nats, are put in another order by rounding alone.</summary>
    public double Tie { get; init; } = 1e-4;

    /// <summary>What the sum of a completion may be off beyond the mean of its tokens, in nats.</summary>
    double Sum { get; init; } = LogpTolerance.Float32.Sequence(0);

    /// <summary>Of the sum over a completion of <paramref name="tokens"/> tokens, to which errors of one sign add up.</summary>
    public double Sequence(int tokens) => Sum + (Mean * tokens);

    /// <summary>Those of an export.</summary>
    /// <param name="dtype">What it stores.</param>
    /// <param name="compute">
    /// What its graph computes in: F32, F16 or BF16, of which the last runs on a processor with its numbers widened to float32.
    /// </param>
    public static ParityLimits Of(StoredDtype dtype, WeightType compute = WeightType.F32) =>
        OfStored(dtype) is var limits && compute != WeightType.F16 ? limits : limits with
        {
            // Numbers of 11 bits; what decodes with its cache is rounded from other sums.
            Mean = Math.Max(limits.Mean, 2e-3),
            Max = Math.Max(limits.Max, 2e-2),
            Tie = 2e-2,
            Sum = 4e-2,
            Changed = Math.Max(limits.Changed, 0.02),
        };

    static ParityLimits OfStored(StoredDtype dtype) => dtype switch
    {
        { IsFast: true } => new(Mean: 5e-2, Max: 0.5, OtherTokens: 0.1, PolicyMean: 0.5, PolicyMax: 5, Changed: 0.1),
        { IsAsHeld: true, QuantizesHead: false } => AsHeld,
        { Linear: LinearForm.Int8 } => Exact with { PolicyMean = 0.1, PolicyMax = 1, Changed = 0.05 },
        { Linear: not null } or { QuantizesHead: true } => Exact with { PolicyMean = 0.5, PolicyMax = 5, Changed = 0.1 },
        { Floats: WeightType.F16 } => Exact with { PolicyMean = 2e-3, PolicyMax = 2e-2, Changed = 0.02 },
        // What bfloat16 does to a token, which is the model's: docs/decisions/0030.
        { Floats: WeightType.BF16 } => Exact with { PolicyMean = 0.15, PolicyMax = 1.5, Changed = 0.05 },
        _ => Exact,
    };
}
