using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Lowering;
using OrtDpo.Testing.Running;

namespace OrtDpo.Models.Tests.Families;

[Trait("Speed", "native")]
public sealed class LlamaGradientTests
{
    [Theory]
    [InlineData(false, 2)]
    [InlineData(true, 4)]
    [InlineData(true, 1)]
    public void Every_parameter_of_the_model_holds_along_a_random_direction(bool tied, int keyValueHeads)
    {
        var llama = new LlamaCase(DataType.Float64, tied, keyValueHeads);
        var (loss, gradients) = Graphs(llama);
        var feeds = llama.Feeds(LlamaCase.Pairs);
        var analytic = GraphRunner.Run(gradients.Lower(LoweringKind.Primitive), feeds);
        var lowered = loss.Lower(LoweringKind.Primitive);
        foreach (var (name, weight) in llama.Weights)
        {
            var direction = llama.Direction(weight);
            const double Step = 1e-5;
            var numeric = (Along(Step) - Along(-Step)) / (2 * Step);
            GraphTolerance.Check(DataType.Float64, numeric, analytic[$"{name}_grad"].Dot(direction), name);

            double Along(double h)
            {
                var moved = new Dictionary<string, Tensor>(feeds, StringComparer.Ordinal) { [name] = weight.Moved(h, direction) };
                return GraphRunner.Run(lowered, moved)["loss"].Numbers()[0];
            }
        }
    }

    [Theory]
    [InlineData(false, 2)]
    [InlineData(true, 4)]
    public void The_fused_lowering_agrees_with_the_primitive_one(bool tied, int keyValueHeads)
    {
        var llama = new LlamaCase(DataType.Float32, tied, keyValueHeads);
        var (_, gradients) = Graphs(llama);
        var feeds = llama.Feeds(LlamaCase.Pairs);
        var primitive = GraphRunner.Run(gradients.Lower(LoweringKind.Primitive), feeds);
        var fused = GraphRunner.Run(gradients.Lower(LoweringKind.Fused), feeds);
        foreach (var (name, expected) in primitive)
        {
            GraphTolerance.Check(DataType.Float32, expected, fused[name], name);
        }
    }

    static (OnnxGraph Loss, OnnxGraph Gradients) Graphs(LlamaCase llama)
    {
        var composition = llama.Loss();
        var forward = composition.Builder.Build([("loss", composition["loss"])]);
        return (forward, ComposedLoss.WithGradients(composition));
    }
}
