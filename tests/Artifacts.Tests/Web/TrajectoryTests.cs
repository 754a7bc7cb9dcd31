using System.Globalization;
using OrtDpo.Adapters;

namespace OrtDpo.Artifacts.Tests.Web;

/// <summary>Both engines on one trajectory: the step engine, and ONNX Runtime's on-device training over artifacts.</summary>
[Trait("Speed", "native")]
public sealed class TrajectoryTests
{
    const double Tolerance = 1e-4;

    static readonly LoraConfig Lora = new() { Rank = 4, Alpha = 8, TargetModules = ModuleChoice.AllLinear };

    static readonly TrajectoryLength Twenty = new()
    {
        Steps = 20, Rate = 5e-5f, Pairs = 40, StepRows = 8, MicroRows = 4, Patience = TimeSpan.FromMinutes(5),
    };

    public static MatrixTheoryData<string, string, bool> All =>
        new(["demo", "stories260K"], ["sigmoid", "ipo", "kto", "simpo"], [false, true]);

    [Fact]
    public void A_few_steps_are_the_same_in_both() => Check(
        "demo", "sigmoid", lora: false,
        new TrajectoryLength { Steps = 3, Rate = 5e-5f, Pairs = 8, StepRows = 4, MicroRows = 2, Patience = TimeSpan.FromSeconds(20) });

    // A weight whose gradient is rounding alone, 1e-7 of the norm, moves by nearly the whole rate, whichever way that falls: AdamW divides
    // by it. At 1e-4 two such weights of the demo model's embedding come 1.3e-4 apart, and all others stay near; hence this rate.
    [Theory]
    [Trait("Speed", "long")]
    [MemberData(nameof(All))]
    public void Twenty_steps_are_the_same_in_both(string model, string loss, bool lora) =>
        Check(model, loss, lora, Twenty with { Rate = lora ? 1e-4f : 5e-5f });

    // The same weights stay where they are with an epsilon above what rounding makes of their gradients.
    [Fact]
    [Trait("Speed", "long")]
    public void A_larger_rate_is_the_same_where_no_gradient_is_rounding_alone() =>
        Check("demo", "sigmoid", lora: false, Twenty with { Rate = 1e-4f, Epsilon = 1e-6f });

    static void Check(string model, string loss, bool lora, TrajectoryLength run)
    {
        var folder = model == "demo" ? Repository.Find("models", "demo") : SharedData.Folder(model);
        var trajectory = Trajectory.Of(folder, loss, lora ? Lora : null, run);
        var norms = trajectory.Norms.Max(pair => Math.Abs(pair.Step - pair.Web) / pair.Step);
        // A line of docs/on-device.md's table.
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {model} | {loss} | {(lora ? "LoRA" : "full")} | {trajectory.Losses[0].Step:0.0000} to {trajectory.Losses[^1].Step:0.0000} "
            + $"| {trajectory.LossDifference:0.0e0} | {norms:0.0e0} | {trajectory.Moved:0.0e0} "
            + $"| {trajectory.Farthest.Difference:0.0e0} |"));
        Assert.InRange(trajectory.LossDifference, 0, Tolerance);
        Assert.True(trajectory.Farthest.Difference <= Tolerance, $"{trajectory.Farthest}");
        Assert.All(trajectory.Norms, pair => AssertClose(pair.Step, pair.Web, relative: Tolerance));
    }
}
