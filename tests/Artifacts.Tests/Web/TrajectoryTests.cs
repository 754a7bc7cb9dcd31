using System.Globalization;
using OrtDpo.Adapters;
using OrtDpo.Export.Tests;

namespace OrtDpo.Artifacts.Tests.Web;

/// <summary>Both engines on one trajectory: the step engine, and ONNX Runtime's on-device training over artifacts.</summary>
[Trait("Speed", "native")]
public sealed class TrajectoryTests
{
    const double Tolerance = 1e-4;

    static readonly LoraConfig Lora = new() { Rank = 4, Alpha = 8, TargetModules = ModuleChoice.AllLinear };

    static readonly TrajectoryLength Twenty = new()
    {
        Steps = 20, Rate = 3e-5f, Pairs = 40, StepRows = 8, MicroRows = 4, Patience = TimeSpan.FromMinutes(5),
    };

    public static MatrixTheoryData<string, string, bool> All =>
        new(["demo", "stories260K"], ["sigmoid", "ipo", "kto", "simpo"], [false, true]);

    [Fact]
    public void A_few_steps_are_the_same_in_both()
    {
        using var folder = new TemporaryFolder();
        RandomFamily.Write("llama", folder);
        var few = Twenty with { Steps = 4, Pairs = 8, Patience = TimeSpan.FromSeconds(20) };
        Check("llama", folder.Path, isText: false, "sigmoid", lora: false, isOutside: false, few);
    }

    // A weight whose gradient is rounding alone moves by nearly the whole rate, whichever way rounding falls: AdamW divides by the
    // gradient's own size. At a rate of 1e-4 the farthest weight comes 1.3e-4 apart, one of the demo model's embedding; its gradient is
    // below 1.2e-7 of the norm at every step (measured). Hence this rate where the embedding trains.
    [Theory]
    [Trait("Speed", "long")]
    [MemberData(nameof(All))]
    public void Twenty_steps_are_the_same_in_both(string model, string loss, bool lora) =>
        CheckTexts(model, loss, lora, isOutside: false, Twenty with { Rate = lora ? 1e-4f : 3e-5f });

    [Theory]
    [Trait("Speed", "long")]
    [InlineData("sigmoid", true)]
    [InlineData("kto", false)]
    [InlineData("aot", false)]
    public void A_loss_outside_of_the_artifacts_is_the_same_in_both(string loss, bool lora) =>
        CheckTexts("demo", loss, lora, isOutside: true, Twenty with { Rate = lora ? 1e-4f : 3e-5f });

    // The same weights stay where they are with an epsilon above what rounding makes of their gradients.
    [Fact]
    [Trait("Speed", "long")]
    public void A_larger_rate_is_the_same_where_no_gradient_is_rounding_alone() =>
        CheckTexts("demo", "sigmoid", lora: false, isOutside: false, Twenty with { Rate = 1e-4f, Epsilon = 1e-6f });

    static void CheckTexts(string model, string loss, bool lora, bool isOutside, TrajectoryLength run) => Check(
        model, model == "demo" ? Repository.Find("models", "demo") : SharedData.Folder(model), isText: true, loss, lora, isOutside, run);

    static void Check(string model, string folder, bool isText, string loss, bool lora, bool isOutside, TrajectoryLength run)
    {
        var trajectory = Trajectory.Of(folder, isText, loss, lora ? Lora : null, isOutside, run);
        var norms = trajectory.Norms.Max(pair => Math.Abs(pair.Step - pair.Web) / pair.Step);
        // A line of docs/on-device.md's table.
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {model} | {loss}{(isOutside ? ", outside" : "")} | {(lora ? "LoRA" : "full")} "
            + $"| {trajectory.Losses[0].Step:0.0000} to {trajectory.Losses[^1].Step:0.0000} | {trajectory.LossDifference:0.0e0} "
            + $"| {norms:0.0e0} | {trajectory.Moved:0.0e0} | {trajectory.Farthest.Difference:0.0e0} |"));
        Assert.InRange(trajectory.LossDifference, 0, Tolerance);
        Assert.True(trajectory.Farthest.Difference <= Tolerance, $"{trajectory.Farthest}");
        Assert.All(trajectory.Norms, pair => AssertClose(pair.Step, pair.Web, relative: Tolerance));
    }
}
