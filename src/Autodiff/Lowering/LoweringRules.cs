using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;

namespace OrtDpo.Autodiff.Lowering;

/// <summary>
/// The tables from operator to lowering: composites, and for the primitive kind what ONNX Runtime's CPU has no float64 kernel for.
/// </summary>
static partial class LoweringRules
{
    static readonly Dictionary<Op, Func<LoweringContext, Value[]>> Primitive = new()
    {
        [CompositeOps.Attention] = Attention,
        [new(Op.Microsoft, "BiasGelu")] = BiasGelu,
        ["Erf"] = Erf,
        [new(Op.Microsoft, "FastGelu")] = FastGelu,
        [new(Op.Microsoft, "FusedMatMul")] = MatMul,
        ["Gelu"] = Gelu,
        [new(Op.Microsoft, "Gelu")] = Gelu,
        ["LayerNormalization"] = LayerNormalization,
        ["LeakyRelu"] = LeakyRelu,
        [CompositeOps.Log1mExp] = Log1mExp,
        [new(Op.Microsoft, "QuickGelu")] = QuickGelu,
        [CompositeOps.RmsNorm] = RmsNorm,
        [CompositeOps.Rope] = Rope,
        [new(Op.Microsoft, "RotaryEmbedding")] = OnnxRope,
        [CompositeOps.ScatterRowsAdd] = ScatterRowsAdd,
        ["Sigmoid"] = Sigmoid,
        ["SimplifiedLayerNormalization"] = OnnxRmsNorm,
        [new(Op.Microsoft, "SkipLayerNormalization")] = SkipLayerNormalization,
        [new(Op.Microsoft, "SkipSimplifiedLayerNormalization")] = SkipRmsNorm,
        ["Softplus"] = Softplus,
        [CompositeOps.Sort] = Sort,
        [CompositeOps.Softplus] = Softplus,
        [CompositeOps.TokenLogProbs] = TokenLogProbs,
    };

    static readonly Dictionary<Op, Func<LoweringContext, Value[]>> Fused = new()
    {
        [CompositeOps.Attention] = Attention,
        [CompositeOps.Log1mExp] = Log1mExp,
        [CompositeOps.RmsNorm] = SimplifiedLayerNormalization,
        [CompositeOps.Rope] = RotaryEmbedding,
        [CompositeOps.ScatterRowsAdd] = ScatterRowsAdd,
        [CompositeOps.Sort] = Sort,
        [CompositeOps.Softplus] = OnnxSoftplus,
        [CompositeOps.TokenLogProbs] = FusedTokenLogProbs,
    };

    static readonly Dictionary<Op, Func<LoweringContext, Value[]>> Cuda = new(Fused)
    {
        ["ReduceL1"] = ReduceL1,
        ["ReduceL2"] = ReduceL2,
        ["ReduceLogSumExp"] = ReduceLogSumExp,
        ["ReduceMax"] = ReduceMax,
        ["ReduceMin"] = ReduceMin,
    };

    static readonly Dictionary<Op, Func<LoweringContext, Value[]>> OnDevice = new(Fused)
    {
        [CompositeOps.ScatterRowsAdd] = ScatterElementsAdd,
    };

    static Value[] Attention(LoweringContext c) => [AttentionNodes.Spell(c.B, c.Node, [c.I(0), c.I(1), c.I(2), c.I(3)])];

    /// <summary>The lowering of a node; null where the node stays as it is.</summary>
    /// <exception cref="NotSupportedException">The node is a composite without a lowering.</exception>
    public static Func<LoweringContext, Value[]>? Find(Node node, LoweringKind kind)
    {
        var table = node.Output.Type == DataType.Float64 ? Primitive
            : kind switch
            {
                LoweringKind.Fused => Fused,
                LoweringKind.Cuda => Cuda,
                LoweringKind.OnDevice => OnDevice,
                _ => Primitive,
            };
        return table.TryGetValue(node.Op, out var rule) ? rule
            : node.Op.Domain == Op.Composite ? throw new NotSupportedException($"Node {node}: no {kind} lowering is registered.")
            : null;
    }
}
