using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Lowering;
using OrtDpo.Models.Families;
using OrtDpo.Objectives;
using OrtDpo.Testing.Running;

namespace OrtDpo.Models.Tests.Families;

/// <summary>The composed graph in float64, on the packed batch, against PyTorch's float64 on every sequence alone.</summary>
[Trait("Speed", "native")]
public sealed class GoldenLlamaTests
{
    [Theory]
    [InlineData("tied")]
    [InlineData("untied")]
    public void Log_probabilities_loss_and_gradients_are_those_of_pytorch(string name)
    {
        using var golden = new GoldenModel(name);
        var model = ModelFamilies.Read(golden.Folder, DataType.Float64);
        var feeds = ComposedLoss.Feeds(
            model, ComposedLoss.Weights(golden.Folder, DataType.Float64),
            golden.Batch, golden.Beta, golden.RefChosenLogps, golden.RefRejectedLogps);
        var graph = ComposedLoss.WithGradients(ComposedLoss.Compose(model, Objective.Parse("sigmoid")));
        var actual = GraphRunner.Run(graph.Lower(LoweringKind.Primitive), feeds);

        Check("token_logps", ComposedLoss.ChosenFirst(golden.TokenLogps(), golden.Batch));
        Check("loss", [golden.Loss]);
        var gradients = golden.Gradients();
        Assert.Equal(model.Parameters.Select(t => t.Name).Order(), gradients.Keys.Order());
        foreach (var (parameter, gradient) in gradients)
        {
            Check($"{parameter}_grad", gradient);
        }

        void Check(string output, double[] expected) =>
            AssertClose(expected, actual[output].Numbers(), Tolerances.Float64, what: output);
    }
}
