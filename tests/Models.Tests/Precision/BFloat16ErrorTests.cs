using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Autodiff.Lowering;
using OrtDpo.Autodiff.Precision;

namespace OrtDpo.Models.Tests.Precision;

/// <summary>
/// What computing in bfloat16 costs, emulated on the CPU, against what it costs PyTorch: both are compared with float64, of which both say
/// the same. Why these bounds: docs/decisions/0028.
/// </summary>
[Trait("Speed", "native")]
public sealed class BFloat16ErrorTests
{
    [Theory]
    [InlineData("llama")]
    [InlineData("gpt2")]
    public void No_log_probability_or_gradient_is_farther_off_than_pytorchs(string name)
    {
        using var golden = new FormulaModel(name);
        var truth = Exact(golden);
        var ours = Emulated(golden, keep: true);
        var errors = new Dictionary<string, (double Ours, double Theirs)>(StringComparer.Ordinal);
        double drift = 0, spread = 0;
        for (var batch = 0; batch < golden.Batches; batch++)
        {
            var (exact, narrow) = (Run(truth, batch), Run(ours, batch));
            var theirs = golden.Logps(batch);
            AssertClose(theirs.Norm, Norm(exact.Logps), Tolerances.Float64, relative: Tolerances.Float64, "norm of log-probabilities");
            AssertClose(theirs.Sum, exact.Logps.Sum(), Tolerances.Float64, relative: Tolerances.Float64, "sum of log-probabilities");
            Add("log-probabilities", Distance(exact.Logps, narrow.Logps), theirs.Error);
            drift += exact.Logps.Zip(narrow.Logps, (e, n) => n - e).Sum();
            spread += Math.Pow(Distance(exact.Logps, narrow.Logps), 2);

            var gradients = golden.Gradients(batch);
            Assert.Equal(gradients.Keys.Order(), exact.Gradients.Keys.Order());
            foreach (var (parameter, (norm, probe, error)) in gradients)
            {
                var gradient = exact.Gradients[parameter];
                AssertClose(norm, Norm(gradient), Tolerances.Float64, relative: Tolerances.Float64, $"norm of {parameter}");
                AssertClose(
                    probe, FormulaModel.Probe(gradient), Tolerances.Float64 * FormulaModel.ProbeNorm(gradient.Length) * norm, relative: 0,
                    $"probe of {parameter}");
                Add(parameter, Distance(gradient, narrow.Gradients[parameter]), error);
            }
        }

        foreach (var (tensor, (own, theirs)) in errors)
        {
            var ratio = Math.Sqrt(own / theirs);
            Assert.True(
                ratio is >= Tolerances.BFloat16Least and <= Tolerances.BFloat16Most,
                $"{tensor}: {ratio:f3} of PyTorch's error; expected {Tolerances.BFloat16Least} to {Tolerances.BFloat16Most}.");
        }

        var mean = Math.Exp(errors.Values.Average(e => Math.Log(e.Ours / e.Theirs) / 2));
        Assert.True(
            mean <= Tolerances.BFloat16Mean, $"In the mean {mean:f3} of PyTorch's error; expected at most {Tolerances.BFloat16Mean}.");
        // The sum of errors that go either way is as large as their norm.
        Assert.True(
            Math.Abs(drift) <= 4 * Math.Sqrt(spread),
            $"Log-probabilities drift by {drift:g3}; the norm of their errors is {Math.Sqrt(spread):g3}.");

        void Add(string tensor, double own, double theirs)
        {
            var (o, t) = errors.GetValueOrDefault(tensor);
            errors[tensor] = (o + (own * own), t + (theirs * theirs));
        }
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("gpt2")]
    public void Kept_and_recomputed_give_the_same_numbers(string name)
    {
        using var golden = new FormulaModel(name);
        var (kept, recomputed) = (Run(Emulated(golden, keep: true), 0), Run(Emulated(golden, keep: false), 0));
        Assert.Equal(kept.Logps, recomputed.Logps);
        Assert.All(kept.Gradients, g => Assert.Equal(g.Value, recomputed.Gradients[g.Key]));
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("gpt2")]
    public void The_pass_to_float32_leaves_float32s_errors(string name)
    {
        using var golden = new FormulaModel(name);
        var (model, weights) = golden.Read(DataType.Float32);
        var pass = new PrecisionPass(DataType.Float32);
        var wide = Run(new FragmentwiseRun(model, weights, keep: true, g => Lowered(pass.Of(g))), 0);
        var exact = Run(Exact(golden), 0);
        AssertClose(exact.Logps, wide.Logps, Tolerances.GoldenToken, what: "log-probabilities");
        foreach (var (parameter, gradient) in exact.Gradients)
        {
            AssertClose(gradient, wide.Gradients[parameter], Tolerances.GoldenGradient * gradient.Max(Math.Abs), what: parameter);
        }
    }

    static FragmentwiseRun Exact(FormulaModel golden)
    {
        var (model, weights) = golden.Read(DataType.Float64);
        return new(model, weights, keep: true, g => (g.Forward.Lower(LoweringKind.Primitive), g.Backward.Lower(LoweringKind.Primitive)));
    }

    static FragmentwiseRun Emulated(FormulaModel golden, bool keep)
    {
        var (model, weights) = golden.Read(DataType.Float32);
        var pass = new PrecisionPass(DataType.BFloat16);
        return new(model, weights, keep, g =>
        {
            var (forward, backward) = Lowered(pass.Of(g));
            return (EmulatedPrecision.Of(forward), EmulatedPrecision.Of(backward));
        });
    }

    static (OnnxGraph Forward, OnnxGraph Backward) Lowered(FragmentGradient gradient) =>
        (gradient.Forward.Lower(LoweringKind.Fused), gradient.Backward.Lower(LoweringKind.Fused));

    static (double[] Logps, Dictionary<string, double[]> Gradients) Run(FragmentwiseRun run, int batch)
    {
        var rows = FormulaModel.Rows(batch);
        var (logps, gradients) = run.Run(rows, FormulaModel.Slopes(rows));
        return (logps.Numbers(), gradients.ToDictionary(g => g.Key, g => g.Value.Numbers(), StringComparer.Ordinal));
    }

    static double Norm(double[] values) => Math.Sqrt(values.Sum(v => v * v));

    static double Distance(double[] a, double[] b) => Norm([.. a.Zip(b, (x, y) => x - y)]);
}
