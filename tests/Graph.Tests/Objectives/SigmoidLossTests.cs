using System.Text.Json;
using OrtDpo.Graph.Building;
using OrtDpo.Graph.Fragments;
using OrtDpo.Graph.Lowering;
using OrtDpo.Graph.Objectives;
using OrtDpo.Graph.Tests.Running;

namespace OrtDpo.Graph.Tests.Objectives;

[Trait("speed", "native")]
public sealed class SigmoidLossTests
{
    static readonly JsonElement Golden = JsonDocument.Parse(File.ReadAllText(GoldenFiles.Path("losses", "golden_losses.json"))).RootElement;

    public static TheoryData<string> Cases => new(Golden.GetProperty("cases").EnumerateArray()
        .Where(c => c.GetProperty("loss").GetString() == "sigmoid" && c.GetProperty("f_divergence").GetString() == "reverse_kl")
        .Select(c => c.GetProperty("id").GetString()!));

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_loss_and_its_gradient_are_the_golden_ones(string id)
    {
        var golden = Golden.GetProperty("cases").EnumerateArray().Single(c => c.GetProperty("id").GetString() == id);
        var batch = Golden.GetProperty("batches").GetProperty(golden.GetProperty("batch").GetString()!);
        double[] chosen = Numbers(batch, "policy_chosen_logps"), rejected = Numbers(batch, "policy_rejected_logps");
        var results = Run(chosen, rejected, Numbers(batch, "ref_chosen_logps"), Numbers(batch, "ref_rejected_logps"), golden.GetProperty("beta").GetDouble());

        Close([golden.GetProperty("mean").GetDouble()], results["loss"].Numbers());
        Close(Numbers(golden, "per_pair"), results["pair_loss"].Numbers());
        var gradient = results["token_logps_grad"].Numbers();
        Close(Numbers(golden, "d_mean_d_policy_chosen"), gradient[..chosen.Length]);
        Close(Numbers(golden, "d_mean_d_policy_rejected"), gradient[chosen.Length..]);
    }

    [Theory]
    [InlineData(1e4)]
    [InlineData(-1e4)]
    public void The_loss_is_finite_and_right_at_large_logits(double dpoLogit)
    {
        // beta 1: the loss is softplus(−z), its gradient −σ(−z).
        var results = Run([dpoLogit], [0], [0], [0], beta: 1);
        Close([Math.Max(-dpoLogit, 0)], results["loss"].Numbers());
        Close([dpoLogit > 0 ? 0 : -1], results["token_logps_grad"].Numbers()[..1]);
    }

    [Fact]
    public void Swapping_chosen_and_rejected_negates_the_rewards()
    {
        var one = Run([-3, -2], [-5, -1], [-2, -2], [-4, -3], beta: 0.1);
        var swapped = Run([-5, -1], [-3, -2], [-4, -3], [-2, -2], beta: 0.1);
        Close(one["chosen_reward"].Numbers(), swapped["rejected_reward"].Numbers());
        Close(one["rejected_reward"].Numbers(), swapped["chosen_reward"].Numbers());
    }

    static Dictionary<string, Tensor> Run(double[] chosen, double[] rejected, double[] refChosen, double[] refRejected, double beta)
    {
        var gradient = FragmentGradient.Build(LossGraphs.Pairs(SigmoidLoss.PairLoss, DataType.Float64), ["loss"], ["token_logps"], [], keep: false);
        var feeds = new Dictionary<string, Tensor>
        {
            // One token per completion: its log-probability is the sum.
            ["token_logps"] = Tensor.Of(DataType.Float64, [2 * chosen.Length, 1], chosen.Concat(rejected)),
            ["ref_chosen_logps"] = Tensor.Of(refChosen),
            ["ref_rejected_logps"] = Tensor.Of(refRejected),
            ["beta"] = Tensor.Of(DataType.Float64, [], [beta]),
            ["loss_scale"] = Tensor.Of(DataType.Float64, [], [1.0 / chosen.Length]),
            ["loss_grad"] = Tensor.Of(DataType.Float64, [], [1]),
        };
        var forward = GraphRunner.Run(gradient.Forward.Lower(LoweringKind.Primitive), feeds);
        return forward.Concat(GraphRunner.Run(gradient.Backward.Lower(LoweringKind.Primitive), feeds)).ToDictionary();
    }

    static double[] Numbers(JsonElement element, string name) => [.. element.GetProperty(name).EnumerateArray().Select(v => v.GetDouble())];

    static void Close(double[] expected, double[] actual) =>
        Assert.All(expected.Zip(actual), v => Assert.Equal(v.First, v.Second, 1e-12 * Math.Max(1, Math.Abs(v.First))));
}
