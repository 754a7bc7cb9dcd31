using OrtDpo.Batches;
using OrtDpo.Models.Import;
using OrtDpo.Train.Engine;
using OrtDpo.Training;

namespace OrtDpo.Train.Tests.Engine;

/// <summary>
/// Models of PyTorch's ONNX exporter in the step engine in float32, on stacked rows, against PyTorch's float64 on every sequence alone: in
/// several operator sets, with initializers in a file beside, with empty pasts, with a head that the exporter copied, with logits that are
/// no product.
/// </summary>
[Trait("Speed", "native")]
public sealed class GoldenOnnxTests
{
    // Those of the files' provenance.json.
    const float LearningRate = 1e-3f;
    const float MaxGradNorm = 1;

    static readonly string[] Models =
        ["gpt2-opset14", "gpt2-opset17-outside", "llama-opset14", "llama-opset16-clipped", "llama-opset17-pasts"];

    public static TheoryData<string, bool> ModelsAndModes
    {
        get
        {
            var cases = new TheoryData<string, bool>();
            foreach (var model in Models)
            {
                cases.Add(model, false);
                cases.Add(model, true);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(ModelsAndModes))]
    public void Log_probabilities_losses_and_gradients_are_those_of_pytorch(string name, bool recompute)
    {
        using var golden = new GoldenModel(name, "foreign-onnx", BatchLayout.Stacked);
        using var engine = Open(golden, recompute);
        using var loss = LossSession.Sigmoid((float)golden.Beta);
        Assert.Equal(BatchLayout.Stacked, engine.Layout);
        var rows = Rows(golden);
        var (values, tokenLogps) = engine.Accumulate(loss, rows, rows.Length);
        AssertClose(golden.TokenLogps(), tokenLogps, Tolerances.GoldenToken);
        AssertClose(golden.TokenLogps(), engine.Score(golden.Batch), Tolerances.GoldenToken);
        AssertClose(golden.Loss, values.Loss, Tolerances.Float32Graph);

        var gradients = golden.Gradients();
        foreach (var copy in Copies(golden))
        {
            Assert.True(gradients.Remove(copy), copy);
        }

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
    public void Ten_steps_of_adamw_lead_to_the_losses_of_pytorch(string name, bool recompute)
    {
        using var golden = new GoldenModel(name, "foreign-onnx", BatchLayout.Stacked);
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
            AssertClose(gradNorm, update.GradNorm, relative: Tolerances.GoldenGradient);
        }

        Assert.Equal(10, differences.Count);
        AssertClose(0, differences.Average(), Tolerances.GoldenDrift);
    }

    static StepEngine Open(GoldenModel golden, bool recompute) =>
        StepEngine.Open(golden.Folder, new() { Threads = 2, KeptLayers = recompute ? 0 : null });

    static IEnumerable<string> Copies(GoldenModel golden)
    {
        using var file = OnnxFile.Open(Path.Combine(golden.Folder, "model.onnx"));
        return ForeignModel.Read(file).Copies.Select(c => c.Name);
    }

    static TrainingRow[] Rows(GoldenModel golden) => EngineSteps.Rows(golden.Pairs, golden.RefChosenLogps, golden.RefRejectedLogps);
}
