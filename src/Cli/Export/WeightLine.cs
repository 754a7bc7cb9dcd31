using OrtDpo.Export;
using OrtDpo.Safetensors;

namespace OrtDpo.Cli.Export;

/// <summary>What an export's weights are stored in, for people.</summary>
static class WeightLine
{
    /// <summary>What of a quantised model is quantised.</summary>
    public const string Quantised = "in the linear weights of its layers; embedding, head, norms and biases are floats";

    public static string Of(ExportResult result)
    {
        var reason = result.IsDtypeOfBase ? "as the run's base was stored"
            : result.Compute != WeightType.F32 && result.Dtype == result.Compute.ConfigName() ? "as it computes"
            : "--dtype";
        return $"weights: {result.Dtype} ({reason})" + (StoredDtype.IsQuantized(result.Dtype) ? $" {Quantised}" : "");
    }
}
