using OrtDpo.Train.Engine;
using OrtDpo.Training;

namespace OrtDpo.Train.Tests.Engine;

/// <summary>The step engine in float32, on the packed batch, against PyTorch's float64 on every sequence alone.</summary>
[Trait("Speed", "native")]
public sealed class GoldenLlamaTests
{
    // Those of the files' provenance.json.
    const float LearningRate = 1e-3f;
    const float MaxGradNorm = 1;

    public static TheoryData<string, bool> ModelsAndModes =>
        new() { { "tied", false }, { "tied", true }, { "untied", false }, { "untied", true } };

    [Theory]
    [MemberData(nameof(ModelsAndModes))]
    public void Log_probabilities_and_losses_are_those_of_pytorch(string name, bool recompute)
    {
        using var golden = new GoldenModel(name);
        using var engine = Open(golden, recompute);
        using var loss = LossSession.Sigmoid((float)golden.Beta);
        var rows = Rows(golden);
        var (values, tokenLogps) = engine.Accumulate(loss, rows, rows.Length);
        AssertClose(golden.TokenLogps(), tokenLogps, Tolerances.GoldenToken);
        AssertClose(golden.Loss, values.Loss, Tolerances.Float32Graph);
        AssertClose(golden.PairLosses, [.. rows.Select(row => engine.Score(loss, [row]).Values.Loss)], Tolerances.Float32Graph);
    }

    [Theory]
    [MemberData(nameof(ModelsAndModes))]
    public void Every_gradient_is_that_of_pytorch(string name, bool recompute)
    {
        using var golden = new GoldenModel(name);
        using var engine = Open(golden, recompute);
        using var loss = LossSession.Sigmoid((float)golden.Beta);
        engine.Accumulate(loss, Rows(golden), golden.Pairs.Length);
        var gradients = golden.Gradients();
        var globalNorm = Math.Sqrt(gradients.Values.Sum(g => g.Sum(v => v * v)));
        Assert.Equal(engine.Parameters.Names.Order(), gradients.Keys.Order());
        foreach (var (parameter, expected) in gradients)
        {
            var scale = Math.Max(expected.Max(Math.Abs), Tolerances.NegligibleGradient * globalNorm);
            AssertClose(expected, engine.Gradient(parameter), Tolerances.GoldenGradient * scale, what: parameter);
        }
    }

    [Theory]
    [MemberData(nameof(ModelsAndModes))]
    public void Steps_of_adamw_lead_to_the_losses_of_pytorch(string name, bool recompute)
    {
        using var golden = new GoldenModel(name);
        using var engine = Open(golden, recompute);
        using var loss = LossSession.Sigmoid((float)golden.Beta);
        var rows = Rows(golden);
        var differences = new List<double>();
        foreach (var (i, (expected, gradNorm)) in golden.AdamWSteps.Index())
        {
            var actual = engine.Accumulate(loss, rows, rows.Length).Values.Loss;
            AssertClose(expected, actual, Tolerances.Float32Graph);
            differences.Add(actual - expected);
            var update = engine.Apply(new OptimizerStep(i + 1, LearningRate, MaxGradNorm, WeightDecay: 0));
            AssertClose(gradNorm, update.GradNorm, relative: Tolerances.Float32Graph);
        }

        AssertClose(0, differences.Average(Math.Abs), Tolerances.GoldenDrift);
    }

    static StepEngine Open(GoldenModel golden, bool recompute) =>
        StepEngine.Open(golden.Folder, new() { Threads = 2, KeptLayers = recompute ? 0 : null });

    static TrainingRow[] Rows(GoldenModel golden) => EngineSteps.Rows(golden.Pairs, golden.RefChosenLogps, golden.RefRejectedLogps);
}
