using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Lowering;

static partial class LoweringRules
{
    static Value[] OnnxSoftplus(LoweringContext c) => [c.B.Add("Softplus", [c.I(0)])];

    // ONNX Runtime's own operator, registered in ONNX's domain; its second output is the inverse root mean square.
    static Value[] SimplifiedLayerNormalization(LoweringContext c)
    {
        var attributes = Attributes.None.With("axis", -1L).With("epsilon", c.Attributes.Real("epsilon", 0))
            .With("stash_type", (long)DataType.Float32);
        var node = c.B.AddNode("SimplifiedLayerNormalization", [c.I(0), c.I(1)], attributes, outputs: 2);
        return [node.Outputs[0]!, node.Outputs[1]!];
    }

    // The operator refuses rows that are longer than its tables, as packed rows may be although no position is: unless the tables are known
    // to be long enough, it gets the tables' lines of all tokens, in the order of the tokens.
    static Value[] RotaryEmbedding(LoweringContext c)
    {
        var (b, positions, cos, sin) = (c.B, c.I(1), c.I(2), c.I(3));
        var tokens = positions.Shape.Elements;
        if (cos.Shape[0] != tokens && !(cos.Shape[0].Value >= positions.Shape[1].Value))
        {
            var flat = b.Reshape(positions, new Shape(tokens));
            (cos, sin) = (b.Gather(cos, flat), b.Gather(sin, flat));
            positions = b.ReshapeLike(b.Indices(flat, 0), positions);
        }

        var rotated = cos.Shape[1] * 2;
        var partly = rotated == c.I(0).Shape[3]
            ? Attributes.None
            : Attributes.None.With("rotary_embedding_dim", rotated.Value!.Value).With("num_heads", c.I(0).Shape[1].Value!.Value);
        return [b.Add(new Op(Op.Microsoft, "RotaryEmbedding"), [c.I(0), positions, cos, sin], partly)];
    }

    static Value[] FusedTokenLogProbs(LoweringContext c) => AtIds(c, c.B.Linear(c.I(0), c.I(1)));
}
