using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Lowering;

static partial class LoweringRules
{
    // ONNX gives the element with the lower index first among equal ones.
    static Value[] Sort(LoweringContext c)
    {
        var attributes = Attributes.None.With("axis", 0L).With("largest", 0L).With("sorted", 1L);
        var node = c.B.AddNode("TopK", [c.I(0), c.B.ShapeOf(c.I(0))], attributes, outputs: 2);
        return [node.Outputs[0]!, node.Outputs[1]!];
    }

    // With t = tanh(−X / 2): 1 − e^X = 2t / (1 + t), which loses nothing where X is near 0.
    static Value[] Log1mExp(LoweringContext c)
    {
        var (b, one) = (c.B, c.B.Scalar(1, c.Type));
        var t = b.Add("Tanh", [b.Mul(c.B.Scalar(-0.5, c.Type), c.I(0))]);
        return [b.Log(b.Div(b.Add(t, t), b.Add(one, t)))];
    }
}
