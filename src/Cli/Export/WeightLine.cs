using OrtDpo.Export;
using OrtDpo.Safetensors;

namespace OrtDpo.Cli.Export;

/// <summary>What an export's weights are stored in, for people.</summary>
static class WeightLine
{
    /// <summary>What of a quantised model is quantised.</summary>
    public static string Quantised(bool hasHead) => hasHead
        ? "in the linear weights of its layers, embedding and head; norms and biases are floats"
        : "in the linear weights of its layers; embedding, head, norms and biases are floats";

    public static string Of(ExportResult result)
    {
        var reason = result.IsDtypeOfBase ? "as the run's base was stored"
            : result.Compute != WeightType.F32 && result.Dtype == result.Compute.ConfigName() ? "as it computes"
            : "--dtype";
        var quantised = StoredDtype.IsQuantized(result.Dtype) ? $" {Quantised(result.HasQuantizedHead)}" : "";
        return $"weights: {result.Dtype} ({reason}){quantised}";
    }
}
