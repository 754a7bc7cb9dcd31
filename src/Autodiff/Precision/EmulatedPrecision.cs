using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Precision;

/// <summary>
/// A lowered graph that computes in 16 bits as one that gives its numbers on a device without such kernels: 16-bit values are float32
/// tensors that are rounded, by a Cast there and back, where the operator would round its result.
/// </summary>
/// <remarks>
/// That is how kernels for 16 bits compute: operands widened, float32 inside, one rounding at the end. ONNX Runtime's CUDA kernel for
/// rotary positions rounds each product, too, which is not emulated.
/// </remarks>
public static class EmulatedPrecision
{
    // Results are operands, which are rounded already.
    static readonly HashSet<Op> Exact =
    [
        "Abs", "Concat", "Expand", "Flatten", "Gather", "GatherElements", "GatherND", "Identity", "Max", "Min", "Neg", "Relu", "Reshape",
        "Slice", "Split", "Squeeze", "Tile", "Transpose", "Trilu", "Unsqueeze", "Where",
    ];

    /// <summary>The graph with 16-bit inputs, outputs and values in float32; inputs are rounded where they come in.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="narrow">The type of what is rounded: BFloat16 or Float16.</param>
    public static OnnxGraph Of(OnnxGraph graph, DataType narrow = DataType.BFloat16)
    {
        var rewrite = new GraphRewrite(
            graph,
            input: (b, v) => IsNarrow(v)
                ? Rounded(b, narrow, b.Input(v.Name, DataType.Float32, v.Shape))
                : b.Input(v.Name, v.Type, v.Shape),
            constant: (v, data) => IsNarrow(v)
                ? (Array.ConvertAll((ushort[])data, bits => FloatingBits.Float(bits, narrow)), DataType.Float32)
                : (data, v.Type));
        var b = rewrite.Builder;
        b.Reserve(graph.Outputs.Select(v => v.Name));
        foreach (var node in graph.Nodes)
        {
            var inputs = rewrite.Inputs(node);
            if (node.Op == "Cast" && IsFloat(node.Input(0)) && IsFloat(node.Output))
            {
                rewrite[node.Output] = IsNarrow(node.Output) ? Rounded(b, narrow, inputs[0]!) : inputs[0]!;
                continue;
            }

            var widened = node.Op == "Cast" && IsNarrow(node.Output)
                ? node with { Attributes = node.Attributes.With("to", (long)DataType.Float32) }
                : node;
            var copy = b.AddRetyped(widened, inputs);
            rewrite.Replace(node, node.Outputs.Zip(copy.Outputs, (old, output) =>
                old is not null && IsNarrow(old) && !Exact.Contains(node.Op) ? Rounded(b, narrow, output!) : output));
        }

        return rewrite.Build();

        bool IsNarrow(Value value) => value.Type == narrow;

        bool IsFloat(Value value) => IsNarrow(value) || value.Type == DataType.Float32;
    }

    static Value Rounded(GraphBuilder b, DataType narrow, Value value)
    {
        using var scope = b.Scope(value.Name);
        return b.Cast(b.Cast(value, narrow), DataType.Float32);
    }
}
