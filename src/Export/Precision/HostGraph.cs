using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Lowering;
using OrtDpo.Autodiff.Precision;
using OrtDpo.Models.Decoders;
using OrtDpo.Safetensors;

namespace OrtDpo.Export.Precision;

/// <summary>The graph that an export writes: a model's own with a cache, in the type that it computes in.</summary>
static class HostGraph
{
    /// <summary>The graph in float32, its composites not lowered.</summary>
    /// <param name="model">The model, none that came as ONNX.</param>
    /// <param name="options">What it will compute in, and how attention is written.</param>
    /// <exception cref="NotSupportedException">Attention of this form does not take heads of this size.</exception>
    public static OnnxGraph Of(DecoderModel model, ExportOptions options) =>
        InferenceGraph.Of(model, options.Attention ?? AttentionForm.Plain, options.Compute != WeightType.F32);

    /// <summary>
    /// A graph in what it computes in, lowered. What computes in 16 bits has a kernel on CUDA in every node, which is what it is for.
    /// </summary>
    /// <param name="graph">The graph in float32.</param>
    /// <param name="options">What it computes in.</param>
    /// <param name="stored">What its weights are stored in.</param>
    /// <exception cref="NotSupportedException">A node has no kernel in the type, or a constant is beyond it.</exception>
    public static OnnxGraph Lowered(OnnxGraph graph, ExportOptions options, WeightType stored)
    {
        if (options.Compute == WeightType.F32)
        {
            return graph.Lower(LoweringKind.Fused);
        }

        var (compute, parameters) = (StoredWeights.ElementType(options.Compute), StoredWeights.ElementType(stored));
        var narrow = InferencePrecision.Of(graph, compute, parameters).Lower(LoweringKind.Fused);
        OperandTypes.Require(narrow);
        KernelTable.Cuda.Require(narrow);
        return narrow;
    }
}
