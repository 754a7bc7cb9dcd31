using System.Text.Json;

namespace OrtDpo.Objectives.Tests;

/// <summary>Every loss in every form against PyTorch's value and automatic gradient of the formula as its paper prints it.</summary>
[Trait("Speed", "native")]
public sealed class TorchLossTests
{
    static readonly JsonElement Torch =
        JsonDocument.Parse(File.ReadAllText(Repository.Find("tests", "golden", "losses", "torch_losses.json"))).RootElement;

    static readonly Dictionary<string, JsonElement> Cases =
        Torch.GetProperty("cases").EnumerateArray().ToDictionary(c => c.GetProperty("form").GetString()!);

    public static TheoryData<string> Forms => new(Cases.Keys);

    [Theory]
    [MemberData(nameof(Forms))]
    public void Values_and_gradients_are_those_of_PyTorch(string form)
    {
        var batch = Torch.GetProperty("batch");
        double[] reference = GoldenLosses.Numbers(batch, "ref_logps"), losses = GoldenLosses.Numbers(Cases[form], "losses");
        var vectors = new Dictionary<string, double[]>
        {
            ["logps"] = GoldenLosses.Numbers(batch, "logps"),
            ["lengths"] = GoldenLosses.Numbers(batch, "lengths"),
            ["labels"] = GoldenLosses.Numbers(batch, "labels"),
            ["ref_logps"] = reference,
            ["ref_chosen_logps"] = reference[..(reference.Length / 2)],
            ["ref_rejected_logps"] = reference[(reference.Length / 2)..],
        };
        using var run = new LossRun(EveryLoss.Of(form));
        var results = run.Run(
            vectors, new Dictionary<string, double> { ["loss_scale"] = 1.0 / losses.Length, ["kl"] = Torch.GetProperty("kl").GetDouble() });
        AssertClose(losses, results["pair_loss"], Tolerances.Float64, relative: Tolerances.Float64);
        var gradient = GoldenLosses.Numbers(Cases[form], "gradient");
        AssertClose(gradient, results["logps_grad"], Tolerances.Float64, relative: Tolerances.Float64);
    }

    [Fact]
    public void Every_form_of_every_loss_is_there_but_imitation() => Assert.Equal(
        EveryLoss.Forms.Except(["sft", "sft_sequence"]).Order(StringComparer.Ordinal), Cases.Keys.Order(StringComparer.Ordinal));
}
