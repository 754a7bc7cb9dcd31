using OrtDpo.Autodiff.Building;
using OrtDpo.Testing.Running;

namespace OrtDpo.Autodiff.Tests.Gradients;

static partial class GradientCases
{
    static Dictionary<string, Func<TestGraph, Value>> Kinks => new()
    {
        ["Abs"] = g => g.B.Add("Abs", [g.Real("x", "B", "S", 3)]),
        ["Relu"] = g => g.B.Add("Relu", [g.Real("x", "B", "S", 3)]),
        ["LeakyRelu"] = g => g.B.Add("LeakyRelu", [g.Real("x", "B", 3)], Attributes.None.With("alpha", 0.25)),
        ["LeakyRelu, default"] = g => g.B.Add("LeakyRelu", [g.Real("x", 4)]),
        ["Clip"] = g => g.B.Add("Clip", [g.Real("x", "B", "S", 3), g.B.Scalar(-0.75, g.Type), g.B.Scalar(0.5, g.Type)]),
        ["Clip, below"] = g => g.B.Add("Clip", [g.Real("x", 2, 3), g.B.Scalar(0.25, g.Type)]),
        ["Clip, above"] = g => g.B.Add("Clip", [g.Real("x", 2, 3), null, g.B.Scalar(0.25, g.Type)]),
        ["Clip, without bounds"] = g => g.B.Add("Clip", [g.Real("x", 3)]),
        ["Max"] = g => g.B.Add("Max", [g.Real("a", 2, 3), g.Real("b", 2, 3)]),
        ["Max, of three, broadcast"] = g => g.B.Add("Max", [g.Real("a", "B", 1, 4), g.Real("b", "S", 1), g.Real("c")]),
        ["Max, of one"] = g => g.B.Add("Max", [g.Real("a", 3)]),
        ["Min"] = g => g.B.Add("Min", [g.Real("a", 2, 3), g.Real("b", 2, 3)]),
        ["Min, of three, broadcast"] = g => g.B.Add("Min", [g.Real("a", "B", 1, 4), g.Real("b", "S", 1), g.Real("c")]),
        ["ReduceMax"] = g => Reduce(g, "ReduceMax", keepDims: false),
        ["ReduceMax, an axis kept"] = g => Reduce(g, "ReduceMax", keepDims: true, 1),
        ["ReduceMax, negative axes"] = g => Reduce(g, "ReduceMax", keepDims: false, -1, -3),
        ["ReduceMin"] = g => Reduce(g, "ReduceMin", keepDims: false),
        ["ReduceMin, negative axis kept"] = g => Reduce(g, "ReduceMin", keepDims: true, -1),
        ["ReduceMin, middle axis"] = g => Reduce(g, "ReduceMin", keepDims: false, 1),
    };
}
