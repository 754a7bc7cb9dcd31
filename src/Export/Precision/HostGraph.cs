using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Lowering;
using OrtDpo.Autodiff.Precision;
using OrtDpo.Export.Adapters;
using OrtDpo.Models.Decoders;
using OrtDpo.Safetensors;

namespace OrtDpo.Export.Precision;

/// <summary>The graph that an export writes: a model's own with a cache, in the type that it computes in.</summary>
static class HostGraph
{
    /// <summary>
    /// Makes it, lowered. What computes in 16 bits has a kernel on CUDA in every node, which is what it is for.
    /// </summary>
    /// <param name="model">The model, none that came as ONNX.</param>
    /// <param name="options">What it computes in, and how attention is written.</param>
    /// <param name="stored">What its weights are stored in.</param>
    /// <param name="change">What becomes of the graph before it has types and is lowered; null: nothing.</param>
    /// <exception cref="NotSupportedException">
    /// Attention of this form does not take heads of this size, a node has no kernel in the type, or a constant is beyond it.
    /// </exception>
    public static OnnxGraph Of(
        DecoderModel model, ExportOptions options, WeightType stored, Func<OnnxGraph, OnnxGraph>? change = null)
    {
        var isNarrow = options.Compute != WeightType.F32;
        var graph = InferenceGraph.Of(model, options.Attention ?? AttentionForm.Plain, isNarrow);
        graph = change is null ? graph : change(graph);
        if (!isNarrow)
        {
            return graph.Lower(LoweringKind.Fused);
        }

        var narrow = InferencePrecision.Of(graph, SlottedModel.ElementType(options.Compute), SlottedModel.ElementType(stored))
            .Lower(LoweringKind.Fused);
        OperandTypes.Require(narrow);
        KernelTable.Cuda.Require(narrow);
        return narrow;
    }
}
