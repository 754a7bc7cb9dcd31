using OrtDpo.Autodiff.Building;
using OrtDpo.Testing.Running;

namespace OrtDpo.Autodiff.Tests.Gradients;

static partial class GradientCases
{
    static Dictionary<string, Func<TestGraph, Value>> Activations => new()
    {
        ["Sigmoid"] = g => g.B.Sigmoid(g.Real("x", 2, 3)),
        ["Tanh"] = g => g.B.Add("Tanh", [g.Real("x", "B", "S", 3)]),
        ["SoftCap"] = g => g.B.SoftCap(g.Real("x", "B", "S", 3), 0.7),
        ["Tanh, a number"] = g => g.B.Add("Tanh", [g.Real("x")]),
        ["Sigmoid, four dimensions"] = g => g.B.Sigmoid(g.Real("x", "B", 2, "S", 3)),
        ["Softplus, of ONNX"] = g => g.B.Add("Softplus", [g.Real("x", "B", 3)]),
        ["Erf"] = g => g.B.Add("Erf", [g.Real("x", "B", "S", 3)]),
        ["Erf, a number"] = g => g.B.Add("Erf", [g.Real("x")]),
        ["Gelu"] = g => g.B.Add("Gelu", [g.Real("x", "B", "S", 3)]),
        ["Gelu, none"] = g => g.B.Add("Gelu", [g.Real("x", 4)], Attributes.None.With("approximate", "none")),
        ["Gelu, tanh"] = g => g.B.Add("Gelu", [g.Real("x", "B", "S", 3)], Attributes.None.With("approximate", "tanh")),
        ["Gelu, of Microsoft"] = g => g.B.Add(new Op(Op.Microsoft, "Gelu"), [g.Real("x", "B", 3)]),
        ["Gelu, as parts"] = g =>
        {
            var x = g.Real("x", "B", "S", 3);
            var erf = g.B.Add("Erf", [g.B.Div(x, g.B.Scalar(Math.Sqrt(2), g.Type))]);
            return g.B.Mul(g.B.Mul(x, g.B.Add(erf, g.B.Scalar(1, g.Type))), g.B.Scalar(0.5, g.Type));
        },
        ["FastGelu"] = g => g.B.Add(new Op(Op.Microsoft, "FastGelu"), [g.Real("x", "B", 3)]),
        ["FastGelu, bias"] = g => g.B.Add(new Op(Op.Microsoft, "FastGelu"), [g.Real("x", "B", "S", 3), g.Real("bias", 3)]),
        ["BiasGelu"] = g => g.B.Add(new Op(Op.Microsoft, "BiasGelu"), [g.Real("x", "B", "S", 3), g.Real("bias", 3)]),
        ["QuickGelu"] = g => g.B.Add(new Op(Op.Microsoft, "QuickGelu"), [g.Real("x", "B", 3)], Attributes.None.With("alpha", 1.5)),
        ["QuickGelu, default"] = g =>
            g.B.Add(new Op(Op.Microsoft, "QuickGelu"), [g.Real("x", 2, "S", 3)], Attributes.None.With("alpha", 1.702f)),
    };
}
