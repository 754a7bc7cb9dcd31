using Microsoft.ML.OnnxRuntime;
using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Lowering;
using OrtDpo.Autodiff.Onnx;
using OrtDpo.Batches;
using OrtDpo.Models.Decoders;
using OrtDpo.Models.Families;
using OrtDpo.Testing.Running;

namespace OrtDpo.Models.Tests.Families;

[Trait("Speed", "native")]
public sealed class BatchInvarianceTests
{
    const int Trials = 8;

    public static TheoryData<string> Families => [.. GoldenFamily.Families];

    [Theory]
    [MemberData(nameof(Families))]
    public void In_double_neither_padding_nor_order_nor_packing_changes_a_log_probability(string family)
    {
        var folder = Repository.Find("tests", "golden", "families", family);
        var model = ModelFamilies.Read(folder, DataType.Float64);
        var weights = ComposedLoss.Weights(folder, DataType.Float64);
        var composition = ModelComposition.TokenLogps(model);
        var graph = composition.Builder.Build([("token_logps", composition["token_logps"])]).Lower(LoweringKind.Primitive);
        using var options = new SessionOptions { IntraOpNumThreads = 1, GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL };
        using var session = new InferenceSession(OnnxModelWriter.ToBytes(graph), options);
        string[] inputs = [.. graph.Inputs.Select(v => v.Name)];
        var invariances = new BatchInvariances(Score, perToken: Tolerances.Float64, perSequence: Tolerances.Float64);
        for (var seed = 1; seed <= Trials; seed++)
        {
            invariances.Hold(seed);
        }

        double[] Score(PackedBatch batch) =>
            GraphRunner.Run(session, inputs, ComposedLoss.Feeds(model, weights, batch))["token_logps"].Numbers();
    }
}
