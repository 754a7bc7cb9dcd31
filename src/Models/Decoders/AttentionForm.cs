namespace OrtDpo.Models.Decoders;

/// <summary>How attention over a cache is written in inference graphs (docs/decisions/0031).</summary>
public enum AttentionForm
{
    /// <summary>In ONNX's own operators over a mask: padding anywhere, every device.</summary>
    Plain,

    /// <summary>
    /// As ONNX Runtime's <c>GroupQueryAttention</c>, which has lengths of rows for a mask: padding behind the tokens only, and in float32
    /// the processor only.
    /// </summary>
    Grouped,
}
