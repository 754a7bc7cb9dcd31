using OrtDpo.Batches;
using OrtDpo.Models.Tests.Precision;
using OrtDpo.Train.Engine;

namespace OrtDpo.Train.Tests.Devices;

/// <summary>
/// Twenty steps of DPO: in float32 they are PyTorch's in float64, and in bfloat16 no farther from there than PyTorch's in bfloat16. Why
/// these bounds: docs/decisions/0028.
/// </summary>
[Trait("Speed", "native")]
public sealed class BFloat16StepsTests
{
    [Theory]
    [InlineData("llama")]
    [InlineData("gpt2")]
    public void In_float32_they_are_those_of_pytorch_in_float64(string name)
    {
        using var model = new FormulaModel(name);
        var golden = FormulaSteps.Read(name);
        var training = FormulaTraining.Run(model, golden, Wide);
        AssertClose(Losses(golden.Exact), Losses(training.Steps), Tolerances.Float32Graph);
        AssertClose(0, Deviations(golden, training.Steps, s => [s.Loss]).Average(), Tolerances.GoldenDrift);
        AssertClose(
            golden.Exact.Select(s => s.GradNorm).ToArray(), training.Steps.Select(s => s.GradNorm).ToArray(),
            relative: Tolerances.GoldenGradient);
        Assert.Equal(golden.Moves.Keys.Order(), training.Moves.Keys.Order());
        foreach (var (parameter, move) in training.Moves.Where(m => HasGradient(m.Key)))
        {
            var (norm, probe, _) = golden.Moves[parameter];
            AssertClose(norm, Norm(move), relative: Tolerances.GoldenMove, what: $"move of {parameter}");
            // A distance in no particular direction.
            var spread = FormulaModel.ProbeNorm(move.Length) * norm / Math.Sqrt(move.Length);
            AssertClose(probe, FormulaModel.Probe(move), Tolerances.GoldenMove * spread, what: $"probe of {parameter}");
        }
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("gpt2")]
    public void In_bfloat16_losses_and_margins_are_as_near_to_float64_as_rounding_lets_them(string name)
    {
        GuardedDevice.Require();
        using var model = new FormulaModel(name);
        var golden = FormulaSteps.Read(name);
        var found = FormulaTraining.Run(model, golden, Narrow()).Steps;
        // The policy is the reference, number by number.
        AssertClose(Math.Log(2), found[0].Loss, Tolerances.Float64);

        // Both policy and reference err, token by token and independently: of all pairs' log-ratios together by √2 times what a batch does.
        var pairs = golden.Exact[0].Margins.Length;
        var batch = golden.Beta * Math.Sqrt(2 * Enumerable.Range(0, model.Batches).Average(i => Math.Pow(model.Logps(i).Error, 2)));
        var margin = Rms([.. Deviations(golden, found, s => s.Margins).Skip(pairs)]);
        var usual = batch / Math.Sqrt(pairs);
        Assert.InRange(margin, Tolerances.BFloat16LeastMargin * usual, Tolerances.BFloat16Chance * usual);

        // A loss weighs each pair's margin by its slope.
        var losses = Deviations(golden, found, s => [s.Loss]);
        double[] expected = [.. golden.Exact.Select(s => Rms([.. s.Margins.Select(m => 1 / (1 + Math.Exp(m)))]) * batch / pairs)];
        for (var i = 1; i < losses.Length; i++)
        {
            AssertClose(0, losses[i], Tolerances.BFloat16Sigmas * expected[i], what: $"loss of step {i + 1} beside float64's");
            AssertClose(golden.Exact[i].GradNorm, found[i].GradNorm, relative: Tolerances.BFloat16Gradient);
        }

        // Half of the variance is the reference's, which stays the same as often as a batch comes again.
        var ofMean = Rms(expected) * Math.Sqrt((0.5 / losses.Length) + (0.5 / model.Batches));
        AssertClose(0, losses.Average(), Tolerances.BFloat16Sigmas * ofMean, what: "mean loss beside float64's");

        AtMost(Rms(losses), Rms(Deviations(golden, golden.BFloat16, s => [s.Loss])), "losses");
        AtMost(margin, Rms([.. Deviations(golden, golden.BFloat16, s => s.Margins).Skip(pairs)]), "margins");

        static void AtMost(double ours, double theirs, string what) => Assert.True(
            ours <= Tolerances.BFloat16Chance * theirs,
            $"{what}: {ours:g3} from float64 in the mean square; PyTorch's {theirs:g3}, and by chance {Tolerances.BFloat16Chance} of it.");
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("gpt2")]
    public void In_bfloat16_parameters_end_no_farther_from_float32s_than_pytorchs_do(string name)
    {
        GuardedDevice.Require();
        using var model = new FormulaModel(name);
        var golden = FormulaSteps.Read(name);
        var wide = FormulaTraining.Run(model, golden, Wide);
        var narrow = FormulaTraining.Run(model, golden, Narrow());
        double ours = 0, theirs = 0, least = 0, most = 0;
        foreach (var (parameter, move) in narrow.Moves.Where(m => HasGradient(m.Key)))
        {
            ours += move.Zip(wide.Moves[parameter], (a, b) => Math.Pow(a - b, 2)).Sum();
            theirs += Math.Pow(golden.Moves[parameter].Error, 2);

            // Adam's first update is the gradient's sign, which changes where the gradient is smaller than its error: in a part
            // error / π of all numbers, by two learning rates. Later ones are off by the error in parts of a learning rate, at most
            // to the same side.
            var batches = Enumerable.Range(0, model.Batches).Select(i => model.Gradients(i)[parameter]).ToArray();
            var error = Math.Sqrt(batches.Sum(g => Math.Pow(g.Error, 2)) / batches.Sum(g => Math.Pow(g.Norm, 2)));
            var flips = move.Length * 4 * error / Math.PI;
            least += flips;
            most += flips + (move.Length * Math.Pow(golden.Exact.Length * error, 2));
        }

        Assert.InRange(Math.Sqrt(ours), golden.LearningRate * Math.Sqrt(least), golden.LearningRate * Math.Sqrt(most));
        Assert.True(ours <= theirs, $"{Math.Sqrt(ours):g3} from float32's; PyTorch's are {Math.Sqrt(theirs):g3} from float64's.");
    }

    static EngineOptions Wide => new() { Threads = 2 };

    static EngineOptions Narrow() => Wide with { Device = new GuardedDevice(), Dtype = ComputeDtype.BFloat16 };

    // A bias of keys moves all scores of a query alike, which softmax does not see: Adam makes updates of the rounding in its gradient.
    static bool HasGradient(string parameter) => !parameter.EndsWith("c_attn.bias", StringComparison.Ordinal);

    static double[] Deviations(FormulaSteps golden, FormulaSteps.Step[] found, Func<FormulaSteps.Step, double[]> numbers) =>
        [.. found.Zip(golden.Exact).SelectMany(s => numbers(s.First).Zip(numbers(s.Second), (ours, exact) => ours - exact))];

    static double[] Losses(FormulaSteps.Step[] steps) => [.. steps.Select(s => s.Loss)];

    static double Norm(double[] values) => Math.Sqrt(values.Sum(v => v * v));

    static double Rms(double[] values) => Norm(values) / Math.Sqrt(values.Length);
}
