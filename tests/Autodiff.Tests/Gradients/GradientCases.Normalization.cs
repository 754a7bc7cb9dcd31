using OrtDpo.Autodiff.Building;
using OrtDpo.Testing.Running;

namespace OrtDpo.Autodiff.Tests.Gradients;

static partial class GradientCases
{
    static Dictionary<string, Func<TestGraph, Value>> Normalization => new()
    {
        ["LayerNormalization"] = g => LayerNorm(g, -1, [g.Real("x", "B", "S", 6), g.Positive("scale", 6), g.Real("bias", 6)]),
        ["LayerNormalization, no bias"] = g => LayerNorm(g, -1, [g.Real("x", "M", 4), g.Positive("scale", 4)]),
        ["LayerNormalization, two axes"] = g => LayerNorm(g, 1, [g.Real("x", "B", 3, 4), g.Positive("scale", 3, 4), g.Real("bias", 3, 4)]),
        ["LayerNormalization, negative axis"] = g =>
            LayerNorm(g, -2, [g.Real("x", "B", "S", 2, 3), g.Positive("scale", 2, 3), g.Real("bias", 2, 3)]),
        ["LayerNormalization, broadcast scale"] = g =>
            LayerNorm(g, -2, [g.Real("x", "B", 3, 4), g.Positive("scale", 4), g.Real("bias", 3, 1)]),
        ["LayerNormalization, with statistics"] = g =>
            LayerNorm(g, -1, [g.Real("x", "B", "S", 6), g.Positive("scale", 6), g.Real("bias", 6)], outputs: 3),
        ["LayerNormalization, as parts"] = g =>
        {
            var x = g.Real("x", "B", "S", 6);
            var centred = g.B.Sub(x, g.B.ReduceMean(x, keepDims: true, -1));
            var variance = g.B.ReduceMean(Power(g, centred, 2), keepDims: true, -1);
            var deviation = g.B.Sqrt(g.B.Add(variance, g.B.Scalar(1e-5, g.Type)));
            return g.B.Add(g.B.Mul(g.B.Div(centred, deviation), g.Positive("scale", 6)), g.Real("bias", 6));
        },
        ["SimplifiedLayerNormalization"] = g =>
            Simplified(g, [g.Real("x", "B", "S", 6), g.Positive("scale", 6)], Attributes.None.With("epsilon", 1e-3), outputs: 1),
        ["SimplifiedLayerNormalization, with its statistic"] = g =>
            Simplified(g, [g.Real("x", "M", 4), g.Positive("scale", 4)], Attributes.None.With("axis", -1L), outputs: 2),
        ["RmsNorm, as parts"] = g =>
        {
            var x = g.Real("x", "B", "S", 6);
            var meanSquare = g.B.ReduceMean(Power(g, x, 2), keepDims: true, -1);
            var root = g.B.Sqrt(g.B.Add(meanSquare, g.B.Scalar(1e-5, g.Type)));
            return g.B.Mul(g.Positive("scale", 6), g.B.Div(x, root));
        },
        ["SkipLayerNormalization"] = g =>
            SkipNorm(g, "SkipLayerNormalization", [g.Positive("scale", 6), g.Real("bias", 6), g.Real("added", 6)]),
        ["SkipLayerNormalization, scale only"] = g => SkipNorm(g, "SkipLayerNormalization", [g.Positive("scale", 6)]),
        ["SkipLayerNormalization, its sum used"] = g =>
            SkipNorm(g, "SkipLayerNormalization", [g.Positive("scale", 6), g.Real("bias", 6)], outputs: 4),
        ["SkipSimplifiedLayerNormalization"] = g => SkipNorm(g, "SkipSimplifiedLayerNormalization", [g.Positive("scale", 6)]),
        ["SkipSimplifiedLayerNormalization, its sum used"] = g =>
            SkipNorm(g, "SkipSimplifiedLayerNormalization", [g.Positive("scale", 6), g.Real("added", 6)], outputs: 4),
    };

    static Value LayerNorm(TestGraph g, long axis, Value[] inputs, int outputs = 1) =>
        g.B.AddNode("LayerNormalization", inputs, Attributes.None.With("axis", axis).With("epsilon", 1e-3), outputs).Output;

    static Value Simplified(TestGraph g, Value[] inputs, Attributes attributes, int outputs) =>
        g.B.AddNode("SimplifiedLayerNormalization", inputs, attributes.With("stash_type", 1L), outputs).Output;

    static Value SkipNorm(TestGraph g, string op, Value[] weights, int outputs = 1)
    {
        Value?[] inputs = [g.Real("input", "B", "S", 6), g.Real("skip", "B", "S", 6), .. weights];
        var node = g.B.AddNode(new Op(Op.Microsoft, op), inputs, Attributes.None.With("epsilon", 1e-3), outputs);
        return outputs == 1 ? node.Output : g.B.Mul(node.Output, g.B.Exp(node.Outputs[3]!));
    }
}
