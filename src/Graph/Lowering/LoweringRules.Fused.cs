using OrtDpo.Graph.Building;

namespace OrtDpo.Graph.Lowering;

static partial class LoweringRules
{
    static Value[] OnnxSoftplus(LoweringContext c) => [c.B.Add("Softplus", [c.I(0)])];

    // ONNX Runtime's own operator, registered in ONNX's domain; its second output is the inverse root mean square.
    static Value[] SimplifiedLayerNormalization(LoweringContext c)
    {
        var attributes = Attributes.None.With("axis", -1L).With("epsilon", c.Attributes.Float("epsilon", 0)).With("stash_type", (long)DataType.Float32);
        var node = c.B.AddNode("SimplifiedLayerNormalization", [c.I(0), c.I(1)], attributes, outputs: 2);
        return [node.Outputs[0]!, node.Outputs[1]!];
    }

    static Value[] RotaryEmbedding(LoweringContext c) =>
        [c.B.Add(new Op(Op.Microsoft, "RotaryEmbedding"), [c.I(0), c.I(1), c.I(2), c.I(3)])];

    static Value[] FusedTokenLogProbs(LoweringContext c) => AtIds(c, c.B.Linear(c.I(0), c.I(1)));
}
