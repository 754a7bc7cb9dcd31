using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Lowering;
using OrtDpo.Testing.Running;

namespace OrtDpo.Autodiff.Tests.Lowering;

[Trait("Speed", "native")]
public sealed class ErfLoweringTests
{
    [Fact]
    public void Erf_in_float64_is_right_to_fifteen_digits()
    {
        // The error function's published values, to sixteen digits.
        double[] x = [0, 0.1, 0.5, 1, 2, 3, 4, 7, -1, -1e4, double.PositiveInfinity];
        double[] erf =
        [
            0, 0.1124629160182849, 0.5204998778130465, 0.8427007929497149, 0.9953222650189527, 0.9999779095030014, 0.9999999845827421, 1,
            -0.8427007929497149, -1, 1,
        ];
        var b = new GraphBuilder("erf");
        var graph = b.Build([("y", b.Add("Erf", [b.Input("x", DataType.Float64, new Shape(x.Length))]))]).Lower(LoweringKind.Primitive);
        var y = GraphRunner.Run(graph, new Dictionary<string, Tensor> { ["x"] = Tensor.Of(x) })["y"].Numbers();
        AssertClose(erf, y, Tolerances.Float64LastDigit);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(32)]
    public void The_rule_of_n_points_integrates_polynomials_of_degree_2n_minus_1(int n)
    {
        var (points, weights) = GaussLegendre.Rule(n);
        for (var degree = 0; degree < 2 * n; degree++)
        {
            var integral = points.Zip(weights, (s, w) => w * Math.Pow(s, degree)).Sum();
            AssertClose(1.0 / (degree + 1), integral, Tolerances.Float64Function);
        }
    }
}
