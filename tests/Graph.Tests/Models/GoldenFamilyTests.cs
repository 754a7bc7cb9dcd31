using OrtDpo.Core.Batches;
using OrtDpo.Graph.Building;
using OrtDpo.Graph.Lowering;
using OrtDpo.Graph.Models;
using OrtDpo.Graph.Tests.Running;
using OrtDpo.Graph.Weights;

namespace OrtDpo.Graph.Tests.Models;

/// <summary>The composed graph of every family in float64, on packed and stacked batches, against PyTorch's float64 on every sequence alone.</summary>
[Trait("speed", "native")]
public sealed class GoldenFamilyTests
{
    const double Tolerated = 1e-9;

    public static TheoryData<string, BatchLayout> Cases
    {
        get
        {
            var cases = new TheoryData<string, BatchLayout>();
            foreach (var family in GoldenFamily.Families)
            {
                cases.Add(family, BatchLayout.Packed);
                cases.Add(family, BatchLayout.Stacked);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Log_probabilities_loss_and_gradients_are_those_of_pytorch(string family, BatchLayout layout)
    {
        using var golden = new GoldenFamily(family);
        var model = DecoderModel.Read(golden.Folder, DataType.Float64);
        var batch = PairPacking.Pack([.. golden.Pairs.Select(r => r.Tokens)], layout);
        var feeds = LlamaLoss.Feeds(
            model, Weights(golden.Folder), batch, golden.Numbers("sigmoid")["beta"],
            [.. golden.Pairs.Select(r => r.Reference!.Chosen)], [.. golden.Pairs.Select(r => r.Reference!.Rejected)]);
        var actual = GraphRunner.Run(LlamaLoss.WithGradients(LlamaLoss.Compose(model)).Lower(LoweringKind.Primitive), feeds);

        Check("token_logps", golden.TokenLogps(batch));
        Check("loss", [golden.Loss("sigmoid")]);
        var gradients = golden.Gradients("sigmoid");
        Assert.Equal(model.Parameters.Select(t => t.Name).Order(), gradients.Keys.Order());
        foreach (var (parameter, gradient) in gradients)
        {
            Check($"{parameter}_grad", gradient);
        }

        void Check(string output, double[] expected)
        {
            var numbers = actual[output].Numbers();
            Assert.Equal(expected.Length, numbers.Length);
            var worst = expected.Zip(numbers).Max(v => Math.Abs(v.First - v.Second));
            Assert.True(worst <= Tolerated, $"{output}: largest difference {worst:e2}, allowed {Tolerated:e0}.");
        }
    }

    static Dictionary<string, Tensor> Weights(string path)
    {
        using var folder = ModelFolder.Open(path);
        using var weights = new WeightStore(folder);
        return weights.Tensors.ToDictionary(
            t => t.Name, t => Tensor.Of(DataType.Float64, t.Shape, t.AsSpan().ToArray().Select(v => (double)v)), StringComparer.Ordinal);
    }
}
