using System.Globalization;
using System.Text.RegularExpressions;

namespace OrtDpo.Models.Quantized;

/// <summary>Where a matrix of a decoder belongs.</summary>
/// <param name="Layer">The number of its layer.</param>
/// <param name="Module">Its module by Hugging Face's name, such as <c>q_proj</c>.</param>
readonly partial record struct LinearPlace(int Layer, string Module)
{
    /// <summary>Modules that one matrix may be, their rows one after the other, and that matrix' name.</summary>
    public static IReadOnlyList<(string Whole, string[] Parts)> Fusions { get; } =
        [("qkv_proj", ["q_proj", "k_proj", "v_proj"]), ("gate_up_proj", ["gate_proj", "up_proj"])];

    /// <summary>
    /// The place that a name tells: of a weight (<c>model.layers.0.self_attn.q_proj.weight</c>), of a node
    /// (<c>/model/layers.0/attn/q_proj/MatMul_Q4</c>) or of an initializer (<c>model_layers_0_mlp_up_proj_MatMul_weight_quant</c>).
    /// </summary>
    /// <returns>null where it tells none.</returns>
    public static LinearPlace? Of(string name) => Path().Match(name) is { Success: true } match
        ? new(int.Parse(match.Groups["layer"].Value, CultureInfo.InvariantCulture), match.Groups["module"].Value)
        : null;

    [GeneratedRegex(@"(?:^|[/._])layers[/._](?<layer>[0-9]{1,6})[/._](?:self_attn|attn|mlp)[/._]"
        + @"(?<module>(?:q|k|v|qkv|o|gate|up|gate_up|down)_proj)(?=[/._]|$)")]
    private static partial Regex Path();
}
