using OrtDpo.Autodiff.Building;
using OrtDpo.Testing.Running;

namespace OrtDpo.Autodiff.Tests.Gradients;

static partial class GradientCases
{
    static Dictionary<string, Func<TestGraph, Value>> MatMuls => new()
    {
        ["MatMul"] = g => g.B.MatMul(g.Real("a", 2, 3), g.Real("b", 3, 4)),
        ["MatMul, by a weight"] = g => g.B.MatMul(g.Real("a", "B", "S", 3), g.Real("b", 3, 4)),
        ["MatMul, of a weight"] = g => g.B.MatMul(g.Real("a", 2, 3), g.Real("b", "B", 3, "S")),
        ["MatMul, heads"] = g => g.B.MatMul(g.Real("a", "B", 2, "S", 4), g.Real("b", "B", 2, 4, "S")),
        ["MatMul, symbolic matrix"] = g => g.B.MatMul(g.Real("a", 2, "S", "M"), g.Real("b", "M", 3)),
        ["MatMul, batch stretched"] = g => g.B.MatMul(g.Real("a", "B", 1, 2, 3), g.Real("b", 4, 3, 5)),
        ["Linear"] = g => g.B.Linear(g.Real("x", "B", "S", 3), g.Real("w", 5, 3)),
        ["FusedMatMul, A transposed"] = g => g.B.FusedMatMul(g.Real("a", "B", 3, 2), g.Real("b", "B", 3, 4), transA: true),
        ["FusedMatMul, B transposed, scaled"] = g =>
            g.B.FusedMatMul(g.Real("a", "B", 2, "S", 4), g.Real("b", "B", 2, "S", 4), transB: true, alpha: 0.5f),
        ["FusedMatMul, both transposed"] = g =>
            g.B.FusedMatMul(g.Real("a", 3, 2), g.Real("b", 4, 3), transA: true, transB: true, alpha: 0.25f),
        ["FusedMatMul, scaled weight"] = g => g.B.FusedMatMul(g.Real("a", 2, "S", 3), g.Real("b", 4, 3), transB: true, alpha: 0.5f),
        ["Gemm"] = g => g.B.Gemm(g.Real("a", 2, 3), g.Real("b", 3, 4)),
        ["Gemm, bias"] = g => g.B.Gemm(g.Real("a", "M", 3), g.Real("b", 4, 3), g.Real("c", 4), transB: true),
        ["Gemm, A transposed, scaled"] = g => Gemm(g, [g.Real("a", 3, "M"), g.Real("b", 3, 4), g.Real("c", "M", 1)], 1, 0, 0.5, 0.25),
        ["Gemm, B transposed, scaled"] = g => Gemm(g, [g.Real("a", 2, 3), g.Real("b", 4, 3), g.Real("c", 2, 4)], 0, 1, 0.5, 1),
        ["Gemm, both transposed, scaled"] = g => Gemm(g, [g.Real("a", 3, 2), g.Real("b", 4, 3), g.Real("c")], 1, 1, 2, 0.5),
        ["Gemm, C of one element"] = g => Gemm(g, [g.Real("a", 2, 3), g.Real("b", 3, 4), g.Real("c", 1, 1)], 0, 0, 1, 2),
    };

    static Value Gemm(TestGraph g, Value[] operands, long transA, long transB, double alpha, double beta) =>
        g.B.Add("Gemm", operands, Attributes.None.With("transA", transA).With("transB", transB).With("alpha", alpha).With("beta", beta));
}
