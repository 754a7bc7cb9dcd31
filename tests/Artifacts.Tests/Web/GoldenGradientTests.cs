using System.Text.Json;
using OrtDpo.Artifacts.Graphs;
using OrtDpo.Artifacts.Tests.Graphs;
using OrtDpo.Autodiff.Building;
using OrtDpo.Batches;
using OrtDpo.Objectives;
using OrtDpo.Testing.Running;

namespace OrtDpo.Artifacts.Tests.Web;

/// <summary>
/// Artifacts of every golden family in ONNX Runtime's own training runtime, against what PyTorch computed in float64: the loss, and every
/// gradient, which a step of gradient descent takes from the parameters.
/// </summary>
public sealed class GoldenGradientTests
{
    // Of the runtime's updates; its JavaScript has no function for another.
    const double Rate = 0.001;

    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static TheoryData<string, string> Cases =>
    [
        .. from family in GoldenFamily.Families from losses in GoldenFamily.ObjectivesOf(family)
           where (family, losses) != ("llama", "sigmoid") select (family, losses),
    ];

    /// <summary>
    /// Adapters of PEFT after fifty steps, on bases in float32: with all that decides ranks and scales, and modules saved whole.
    /// </summary>
    public static TheoryData<string> Adapters => ["gemma2", "gemma2-last", "gpt2", "llama", "llama-variant", "phi3"];

    [Theory]
    [InlineData("llama", "sigmoid")]
    public void Loss_and_gradients_of_the_training_runtime_are_those_of_pytorch(string family, string losses)
    {
        using var golden = new GoldenFamily(family);
        Hold(golden, losses, adapter: null, golden.Loss(losses), golden.Gradients(losses));
    }

    [Theory]
    [Trait("Speed", "long")]
    [MemberData(nameof(Cases))]
    public void So_they_are_of_every_family_and_golden_objective(string family, string losses) =>
        Loss_and_gradients_of_the_training_runtime_are_those_of_pytorch(family, losses);

    [Theory]
    [Trait("Speed", "long")]
    [MemberData(nameof(Adapters))]
    public void So_they_are_of_adapters_of_PEFT(string name)
    {
        var folder = Repository.Find("tests", "golden", "adapters", name);
        using var expected = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "expected.json")));
        using var golden = new GoldenFamily(expected.RootElement.GetProperty("family").GetString()!);
        Hold(
            golden, "sigmoid", Path.Combine(folder, "after"), expected.RootElement.GetProperty("after").GetProperty("loss").GetDouble(),
            GoldenFamily.Numbers(Path.Combine(folder, "gradients-after.safetensors")));
    }

    static void Hold(GoldenFamily golden, string losses, string? adapter, double loss, Dictionary<string, double[]> gradients)
    {
        using var files = new TemporaryFolder();
        var objective = golden.Objective(losses);
        var artifacts = Write(golden.Folder, adapter, files, objective);
        using var training = WebTraining.Open(artifacts.Folder, Patience, isShort: true);
        var names = training.Names();
        Assert.Equal(artifacts.Manifest.Training.Inputs.Select(i => i.Name), names.TrainInputs);
        Assert.Equal(artifacts.Manifest.Training.Outputs.Select(o => o.Name), names.TrainOutputs);
        Assert.Equal(artifacts.Manifest.Eval.Inputs.Select(i => i.Name), names.EvalInputs);
        Assert.Equal(artifacts.Manifest.Eval.Outputs.Select(o => o.Name), names.EvalOutputs);

        var feeds = ArtifactFeeds.Of(objective, golden.RowsOf(losses), BatchLayout.Packed, golden.Kl(losses));
        Assert.Equal(loss, training.Evaluate(feeds)["loss"].Numbers()[0], Math.Abs(loss) * Tolerances.GoldenGradient);

        // The update is the rate times the gradient: of a loss that is larger by as much as the rate is small, the gradient itself.
        feeds[LossPorts.LossScale] = Tensor.Of(DataType.Float32, [], [feeds[LossPorts.LossScale].Numbers()[0] / Rate]);
        var before = training.Parameters(trainable: true);
        var norm = training.Train(feeds)[ArtifactPorts.GradNorm].Numbers()[0];
        training.Optimize(Rate);
        var after = training.Parameters(trainable: true);

        var whole = Math.Sqrt(gradients.Values.Sum(g => g.Sum(x => x * x)));
        Assert.Equal(whole, norm * Rate, whole * Tolerances.GoldenGradient);
        var at = 0;
        foreach (var parameter in artifacts.Manifest.Parameters.Where(p => p.Trains))
        {
            var expected = gradients[parameter.Name];
            var largest = Math.Max(expected.Max(Math.Abs), whole * Tolerances.NegligibleGradient);
            foreach (var (i, gradient) in expected.Index())
            {
                var found = (double)before[at] - after[at];
                // Beside the gradient's own error the parameter's rounding, before and after.
                var bound = (largest * Tolerances.GoldenGradient) + (Math.Abs(before[at]) * Tolerances.Float32);
                Assert.True(Math.Abs(gradient - found) <= bound, $"{parameter.Name}[{i}]: {found}, expected {gradient}; largest {largest}");
                at++;
            }
        }

        Assert.Equal(before.Length, at);
        Assert.Equal(adapter is null, artifacts.Manifest.Model.AdapterDigest is null);
    }

    static ArtifactResult Write(string folder, string? adapter, TemporaryFolder files, Objective objective)
    {
        foreach (var file in (string[])["config.json", "model.safetensors"])
        {
            File.Copy(Path.Combine(folder, file), files.File(file));
        }

        // The golden folders have none, and rows of tokens need none.
        foreach (var file in (string[])["tokenizer.json", "tokenizer_config.json"])
        {
            File.Copy(Repository.Find("models", "demo", file), files.File(file));
        }

        return ArtifactWriter.Write(new ArtifactRequest
        {
            Model = files.Path, Adapter = adapter, Out = files.File("artifacts"),
            Options = new ArtifactOptions { Objective = objective, Optimizer = ArtifactOptimizer.Sgd(maxGradNorm: 0) },
        });
    }
}
