using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Lowering;
using OrtDpo.Batches;
using OrtDpo.Models.Decoders;
using OrtDpo.Models.Families;
using OrtDpo.Objectives;
using OrtDpo.Testing.Running;

namespace OrtDpo.Models.Tests.Families;

/// <summary>
/// The composed graph of every family in float64, on packed and stacked batches, against PyTorch's float64 on every sequence alone.
/// </summary>
[Trait("Speed", "native")]
public sealed class GoldenFamilyTests
{
    public static TheoryData<string, string, BatchLayout> Cases
    {
        get
        {
            var cases = new TheoryData<string, string, BatchLayout>();
            foreach (var family in GoldenFamily.Families)
            {
                foreach (var objective in GoldenFamily.ObjectivesOf(family))
                {
                    cases.Add(family, objective, BatchLayout.Packed);
                    cases.Add(family, objective, BatchLayout.Stacked);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Log_probabilities_loss_and_gradients_are_those_of_pytorch(string family, string name, BatchLayout layout)
    {
        using var golden = new GoldenFamily(family);
        var model = ModelFamilies.Read(golden.Folder, DataType.Float64);
        var objective = golden.Objective(name);
        var batch = ExamplePacking.Pack([.. golden.RowsOf(name).Select(r => r.Tokens)], layout);
        var graph = ComposedLoss.WithGradients(ComposedLoss.Compose(model, objective)).Lower(LoweringKind.Primitive);
        var actual = GraphRunner.Run(graph, Feeds(golden, name, model, batch));

        if (objective.Rows == ObjectiveRows.Pairs)
        {
            Check("token_logps", ComposedLoss.ChosenFirst(golden.TokenLogps(batch), batch));
        }

        Check("loss", [golden.Loss(name)]);
        var gradients = golden.Gradients(name);
        Assert.Equal(model.Parameters.Select(t => t.Name).Order(), gradients.Keys.Order());
        foreach (var (parameter, gradient) in gradients)
        {
            Check($"{parameter}_grad", gradient);
        }

        void Check(string output, double[] expected) =>
            AssertClose(expected, actual[output].Numbers(), Tolerances.Float64, what: output);
    }

    static Dictionary<string, Tensor> Feeds(GoldenFamily golden, string name, DecoderModel model, PackedBatch batch)
    {
        var rows = golden.RowsOf(name);
        var arePairs = golden.Objective(name).Rows == ObjectiveRows.Pairs;
        var feeds = ComposedLoss.Feeds(model, ComposedLoss.Weights(golden.Folder, DataType.Float64), batch, arePairs);
        var lengths = Enumerable.Range(0, batch.Completions).Select(r => (double)batch.CompletionLength(r));
        Add("lengths", arePairs ? ComposedLoss.ChosenFirst([.. lengths], 1) : lengths);
        Add("ref_chosen_logps", rows.Select(r => r.Reference![0].Sum));
        Add("ref_rejected_logps", rows.Select(r => r.Reference![^1].Sum));
        Add("ref_logps", rows.Select(r => r.Reference![0].Sum));
        Add("labels", rows.Select(r => r.Tokens.Known is Judgement.Label { IsDesirable: true } ? 1.0 : 0));
        var scalars = golden.Objective(name).Scalars.Append(new("kl", golden.Kl(name))).Append(new("loss_scale", 1.0 / rows.Length));
        foreach (var (scalar, value) in scalars)
        {
            feeds[scalar] = Tensor.Of(DataType.Float64, [], [value]);
        }

        return feeds;

        void Add(string input, IEnumerable<double> values) => feeds[input] = Tensor.Of(DataType.Float64, [values.Count()], values);
    }
}
