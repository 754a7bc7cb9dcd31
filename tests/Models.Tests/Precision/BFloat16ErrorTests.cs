using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Autodiff.Lowering;
using OrtDpo.Autodiff.Precision;
using OrtDpo.Testing.Running;

namespace OrtDpo.Models.Tests.Precision;

[Trait("Speed", "native")]
public sealed class BFloat16ErrorTests(ITestOutputHelper log)
{
    [Theory]
    [InlineData("llama")]
    [InlineData("gpt2")]
    public void Measure(string name)
    {
        using var golden = new FormulaModel(name);
        var (exact, exactWeights) = golden.Read(DataType.Float64);
        var (model, weights) = golden.Read(DataType.Float32);
        var truth = new FragmentwiseRun(exact, exactWeights, true, g => (g.Forward.Lower(LoweringKind.Primitive), g.Backward.Lower(LoweringKind.Primitive)));
        var pass = new PrecisionPass(DataType.BFloat16);
        var ours = new FragmentwiseRun(model, weights, Environment.GetEnvironmentVariable("KEEP") != "0", g => Emulated(pass.Of(g)));
        var rows = new SortedDictionary<string, (double Norm, double Ours, double Theirs)>(StringComparer.Ordinal);
        for (var batch = 0; batch < golden.Batches; batch++)
        {
            var tokens = FormulaModel.Rows(batch);
            var slopes = FormulaModel.Slopes(tokens);
            var (logps, gradients) = truth.Run(tokens, slopes);
            var (ourLogps, ourGradients) = ours.Run(tokens, slopes);
            var g = golden.Logps(batch);
            Assert.Equal(g.Norm, Norm(logps.Numbers()), 1e-9);
            Assert.Equal(g.Sum, logps.Numbers().Sum(), 1e-9);
            Add("logps", g.Norm, Distance(logps, ourLogps), g.Error);
            foreach (var (p, (norm, probe, error)) in golden.Gradients(batch))
            {
                Assert.Equal(norm, Norm(gradients[p].Numbers()), 1e-9);
                Assert.Equal(probe, FormulaModel.Probe(gradients[p].Numbers()), 1e-7);
                Add(p, norm, Distance(gradients[p], ourGradients[p]), error);
            }
        }

        foreach (var (p, (n, o, t)) in rows)
        {
            log.WriteLine($"{p,-50} ours {Math.Sqrt(o / n):f4} torch {Math.Sqrt(t / n):f4} ratio {Math.Sqrt(o / t):f3}");
        }

        var grads = rows.Where(r => r.Key != "logps").Select(r => Math.Log(r.Value.Ours / r.Value.Theirs) / 2).ToList();
        log.WriteLine($"mean ratio {Math.Exp(grads.Average()):f3} max {Math.Exp(grads.Max()):f3}");

        void Add(string what, double norm, double own, double theirs)
        {
            var (n, o, t) = rows.GetValueOrDefault(what);
            rows[what] = (n + (norm * norm), o + (own * own), t + (theirs * theirs));
        }
    }

    static (OnnxGraph, OnnxGraph) Emulated(FragmentGradient gradient) =>
        (EmulatedBFloat16.Of(gradient.Forward.Lower(LoweringKind.Fused)), EmulatedBFloat16.Of(gradient.Backward.Lower(LoweringKind.Fused)));

    static double Norm(double[] values) => Math.Sqrt(values.Sum(v => v * v));

    static double Distance(Tensor a, Tensor b) => Norm([.. a.Numbers().Zip(b.Numbers(), (x, y) => x - y)]);
}
