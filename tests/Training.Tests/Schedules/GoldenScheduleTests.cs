using System.Text.Json;

namespace OrtDpo.Training.Tests.Schedules;

/// <summary>
/// Every schedule at all steps against <c>golden/schedules</c>: rates that PyTorch's LambdaLR handed to its AdamW, by formulas that are
/// written out there.
/// </summary>
public sealed class GoldenScheduleTests
{
    static readonly JsonElement[] Cases =
    [
        .. JsonDocument.Parse(File.ReadAllText(Repository.Find("tests", "golden", "schedules", "learning_rates.json"))).RootElement
            .EnumerateArray(),
    ];

    public static TheoryData<string> Kinds => [.. ScheduleKind.All.Select(kind => kind.Name)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_step_has_the_rate_of_the_published_formula(string kind)
    {
        var cases = Cases.Where(golden => golden.GetProperty("type").GetString() == kind).ToList();
        Assert.True(cases.Count >= 2);
        foreach (var golden in cases)
        {
            var steps = golden.GetProperty("total_steps").GetInt32();
            var peak = golden.GetProperty("peak").GetDouble();
            var options = new OptimizationOptions
            {
                LrSchedulerType = kind,
                LrSchedulerKwargs = ScheduleArguments.Parse(golden.GetProperty("kwargs").GetRawText()),
                WarmupSteps = ScheduleKind.Of(kind).HasWarmup ? golden.GetProperty("warmup_steps").GetInt32() : null,
            };
            var schedule = options.ScheduleOf(peak, steps, warmupRatio: null);
            double[] expected = [.. golden.GetProperty("learning_rates").EnumerateArray().Select(rate => rate.GetDouble() / peak)];
            // Shares of 1, each a few operations in float64; one order of them is as good as another.
            AssertClose(expected, [.. Enumerable.Range(1, steps).Select(step => schedule.At(step) / peak)], Tolerances.Float64Function);
        }
    }

    [Fact]
    public void Every_argument_of_every_kind_is_in_a_case()
    {
        foreach (var kind in ScheduleKind.All)
        {
            var given = Cases.Where(golden => golden.GetProperty("type").GetString() == kind.Name)
                .SelectMany(golden => golden.GetProperty("kwargs").EnumerateObject().Select(member => member.Name));
            Assert.Equal(kind.Arguments.Order(), given.Distinct().Order());
        }
    }
}
