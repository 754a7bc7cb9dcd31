namespace OrtDpo.Autodiff.Building;

/// <summary>
/// The element types of a node's outputs when its operands come in other types than those that it was written with; shapes stay. A part of
/// a graph does not always say what its shapes were inferred from, but always this.
/// </summary>
static class ElementTypes
{
    /// <summary>The type of output <paramref name="index"/>.</summary>
    public static DataType Of(Node node, ReadOnlySpan<Value?> inputs, int index) => node.Outputs[index]!.Type is var written
        && !written.IsFloat() ? written
        : node.Op.Type switch
        {
            "Cast" => (DataType)node.Attributes.Int("to", 0),
            "CastLike" or "Where" => inputs[1]!.Type,
            "ConstantOfShape" => written,
            "LayerNormalization" or "RmsNorm" or "SimplifiedLayerNormalization" when index > 0 => Statistic(inputs[0]!.Type),
            "SkipLayerNormalization" or "SkipSimplifiedLayerNormalization" when index is 1 or 2 => Statistic(inputs[0]!.Type),
            _ => inputs[0]!.Type,
        };

    /// <summary>Statistics of 16-bit floats are computed in float32, and handed out so.</summary>
    public static DataType Statistic(DataType type) => type == DataType.Float64 ? DataType.Float64 : DataType.Float32;
}
