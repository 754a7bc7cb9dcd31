using OrtDpo.Runs;

namespace OrtDpo.Training.Tests.Schedules;

/// <summary>What a schedule is asked for by: warm-up, arguments, and what of them is refused.</summary>
public sealed class ScheduleOptionsTests
{
    // Peak 1, so that rates are shares.
    static LearningRateSchedule Linear(int steps, double? ratio = null, int? warmup = null) =>
        new OptimizationOptions { WarmupSteps = warmup }.ScheduleOf(1, steps, ratio);

    [Theory]
    // ceil(0.1 · 1) would be all of the run, and nobody asked for it.
    [InlineData(1, null, 0)]
    [InlineData(2, null, 1)]
    [InlineData(10, null, 1)]
    [InlineData(11, null, 2)]
    [InlineData(20, 0.1, 2)]
    [InlineData(21, 0.1, 3)]
    [InlineData(7, 0.0, 0)]
    [InlineData(7, 1.0, 7)]
    public void The_warm_up_is_a_share_of_the_steps_rounded_up(int steps, double? ratio, int expected) =>
        Assert.Equal(expected, Linear(steps, ratio).WarmupSteps);

    [Fact]
    public void The_default_rises_from_0_over_a_tenth_and_falls_to_one_step_before_0()
    {
        var schedule = Linear(20);
        // 0/2, 1/2, then 18/18, 17/18, …, 1/18.
        double[] expected = [0, 0.5, .. Enumerable.Range(1, 18).Reverse().Select(i => i / 18.0)];
        AssertClose(expected, [.. Enumerable.Range(1, 20).Select(schedule.At)], Tolerances.Float64);
        Assert.Equal("rising over 2 steps, then falling linearly to 0; step 1 has 0", schedule.Description);
    }

    [Fact]
    public void A_run_of_before_schedules_had_names_goes_on_as_it_began()
    {
        var former = new OptimizationOptions { IsFormer = true };
        // 1/2, 2/2, then 18/19, 17/19, …, 1/19.
        double[] expected = [0.5, 1, .. Enumerable.Range(1, 18).Reverse().Select(i => i / 19.0)];
        AssertClose(expected, Rates(20, 0.1), Tolerances.Float64);
        Assert.Equal([4 / 4.0, 3 / 4.0, 2 / 4.0, 1 / 4.0], Rates(4, 0));
        Assert.Equal([1], Rates(1, null));

        double[] Rates(int steps, double? ratio)
        {
            var schedule = former.ScheduleOf(1, steps, ratio);
            return [.. Enumerable.Range(1, steps).Select(schedule.At)];
        }
    }

    [Theory]
    [InlineData("linear", """{"num_cycles": 2}""", "`LrSchedulerKwargs` has no effect: the schedule linear takes no arguments.")]
    [InlineData(
        "cosine", """{"power": 2}""", "`LrSchedulerKwargs` has power, which cosine does not take. Expected some of num_cycles.")]
    [InlineData("cosine", """{"num_cycles": 0}""", "`LrSchedulerKwargs` has num_cycles 0; it must be positive.")]
    [InlineData(
        "cosine_with_restarts", """{"num_cycles": 1.5}""",
        "`LrSchedulerKwargs` has num_cycles 1.5; it must be a whole number, how often the learning rate falls.")]
    [InlineData(
        "cosine_with_min_lr", "{}",
        "`LrSchedulerKwargs` has neither min_lr nor min_lr_rate, and cosine_with_min_lr needs one of them.")]
    [InlineData(
        "cosine_with_min_lr", """{"min_lr": 1e-7, "min_lr_rate": 0.1}""",
        "`LrSchedulerKwargs` has min_lr and min_lr_rate; give one of them.")]
    [InlineData("inverse_sqrt", """{"timescale": 0}""", "`LrSchedulerKwargs` has timescale 0; it must be positive.")]
    [InlineData("polynomial", """{"power": 1e999}""", "`LrSchedulerKwargs` has power Infinity; it must be positive.")]
    [InlineData(
        "warmup_stable_decay", "{}", "`LrSchedulerKwargs` has no num_decay_steps, and warmup_stable_decay needs it.")]
    [InlineData(
        "warmup_stable_decay", """{"num_decay_steps": 2, "decay_type": "steep"}""",
        "`LrSchedulerKwargs` has decay_type 'steep'; it must be one of linear, cosine, 1-sqrt.")]
    [InlineData(
        "warmup_stable_decay", """{"num_decay_steps": 2, "decay_type": "linear", "num_cycles": 2}""",
        "`LrSchedulerKwargs` has num_cycles, which has no effect beside decay_type linear.")]
    [InlineData(
        "linaer", "{}",
        "`LrSchedulerType` is 'linaer'; it must be one of linear, cosine, cosine_with_restarts, cosine_with_min_lr, "
            + "cosine_warmup_with_min_lr, polynomial, inverse_sqrt, constant, constant_with_warmup, warmup_stable_decay.")]
    public void What_a_schedule_does_not_take_is_refused(string type, string arguments, string sentence)
    {
        var options = new OptimizationOptions { LrSchedulerType = type, LrSchedulerKwargs = ScheduleArguments.Parse(arguments) };
        Assert.Equal(sentence, Assert.Throws<ArgumentException>(() => options.Require(warmupRatio: null)).Message);
    }

    [Theory]
    [InlineData("2", "`LrSchedulerKwargs` is '2'. Expected one JSON object, as {\"num_cycles\": 2}.")]
    [InlineData("{", "`LrSchedulerKwargs` is '{'. Expected one JSON object, as {\"num_cycles\": 2}.")]
    [InlineData("null", "`LrSchedulerKwargs` is null. Expected one JSON object, as {\"num_cycles\": 2}.")]
    [InlineData(
        """{"cycles": 2}""",
        "`LrSchedulerKwargs` has 'cycles', which no schedule takes. Expected some of decay_type, lr_end, min_lr, min_lr_rate, "
            + "min_lr_ratio, num_cycles, num_decay_steps, num_stable_steps, power, timescale, warmup_lr_rate, warmup_type.")]
    [InlineData("""{"num_cycles": "2"}""", "`LrSchedulerKwargs` has num_cycles \"2\". Expected a number.")]
    [InlineData("""{"timescale": 1.5}""", "`LrSchedulerKwargs` has timescale 1.5. Expected a whole number of steps.")]
    [InlineData(
        """{"num_cycles": 1, "num_cycles": 2}""",
        "`LrSchedulerKwargs` is '{\"num_cycles\": 1, \"num_cycles\": 2}'. Expected one JSON object, as {\"num_cycles\": 2}.")]
    public void Arguments_that_are_no_such_object_are_refused(string text, string sentence) =>
        Assert.Equal(sentence, Assert.Throws<ArgumentException>(() => ScheduleArguments.Parse(text)).Message);

    [Fact]
    public void Two_warm_ups_and_one_without_effect_are_refused()
    {
        Assert.Equal(
            "`WarmupSteps` and `WarmupRatio` are both given; give one of them.",
            Assert.Throws<ArgumentException>(() => Linear(10, 0.1, 2)).Message);
        Assert.Equal(
            "`WarmupSteps` has no effect: the schedule constant has no warm-up; constant_with_warmup has one.",
            Assert.Throws<ArgumentException>(
                () => new OptimizationOptions { LrSchedulerType = "constant", WarmupSteps = 1 }.Require(null)).Message);
        Assert.Equal(0, new OptimizationOptions { LrSchedulerType = "constant" }.ScheduleOf(1, 100, null).WarmupSteps);
    }

    [Theory]
    [InlineData(
        "linear", "{}", 11,
        "The learning rate would rise over 11 steps, and the run has 10: it would never be the highest. "
            + "Give fewer `WarmupSteps`, or more steps.")]
    [InlineData(
        "warmup_stable_decay", """{"num_decay_steps": 4, "num_stable_steps": 5}""", 2,
        "The schedule warmup_stable_decay has 2 steps of warm-up, 5 with the highest and 4 of fall, and the run has 10. "
            + "Give fewer in `LrSchedulerKwargs`, or more steps.")]
    [InlineData(
        "warmup_stable_decay", """{"num_decay_steps": 4, "warmup_type": "cosine"}""", 0,
        "`LrSchedulerKwargs` has warmup_type, which has no effect: the run has no warm-up. Leave it out, or give `WarmupSteps`.")]
    [InlineData(
        "cosine_with_min_lr", """{"min_lr": 2}""", 2,
        "`LrSchedulerKwargs` has min_lr 2, and `LearningRate`, the highest, is 1; give a lower min_lr.")]
    [InlineData(
        "polynomial", """{"lr_end": 1}""", 2,
        "The schedule polynomial falls to lr_end, 1, and `LearningRate` is 1; lr_end must be below. Give it in `LrSchedulerKwargs`.")]
    public void A_schedule_that_does_not_fit_the_run_is_refused(string type, string arguments, int warmup, string sentence)
    {
        var options = new OptimizationOptions
        {
            LrSchedulerType = type, LrSchedulerKwargs = ScheduleArguments.Parse(arguments), WarmupSteps = warmup,
        };
        Assert.Equal(sentence, Assert.Throws<InvalidDataException>(() => options.ScheduleOf(1, 10, null)).Message);
    }

    [Fact]
    public void A_run_that_would_learn_nothing_is_refused() => Assert.Equal(
        "The learning rate would be 0 in all 1 steps: it rises from 0 over 1. Give fewer `WarmupSteps`, or more steps.",
        Assert.Throws<InvalidDataException>(() => Linear(1, ratio: 0.1)).Message);

    [Fact]
    public void A_configuration_has_the_schedule_with_every_number_and_what_decays()
    {
        using var folder = new TemporaryFolder();
        var options = new TrainingOptions
        {
            MaxSteps = 20, WeightDecay = 0.1f,
            Optimization = new()
            {
                LrSchedulerType = "polynomial", LrSchedulerKwargs = new() { Power = 2, LrEnd = 0 }, WarmupSteps = 3, AdamBeta2 = 0.95f,
            },
        };
        var entries = Written(folder, options);
        Assert.Equal("\"polynomial\"", entries["lr_scheduler_type"]);
        Assert.Equal("""
            "{\"power\":2,\"lr_end\":0}"
            """, entries["lr_scheduler_kwargs"]);
        Assert.Equal(("3", "0.95", "\"matrices\""), (entries["warmup_steps"], entries["adam_beta2"], entries["weight_decay_on"]));
        Assert.DoesNotContain("warmup_ratio", entries.Keys);
        Assert.DoesNotContain("adam_beta1", entries.Keys);
        Assert.Equal(options.Optimization, options.Optimization.GoingOn(entries));
    }

    [Fact]
    public void A_configuration_of_before_schedules_had_names_is_gone_on_with_as_it_was()
    {
        using var folder = new TemporaryFolder();
        var options = new TrainingOptions { MaxSteps = 20, WeightDecay = 0.1f };
        Dictionary<string, string> before = new() { ["warmup_ratio"] = "0.1", ["weight_decay"] = "0.1" };
        var going = options with { Optimization = options.Optimization.GoingOn(before) };
        Assert.Equal((true, true), (going.Optimization.IsFormer, going.Optimization.DecaysVectors));
        var entries = Written(folder, going);
        Assert.Equal("0.1", entries["warmup_ratio"]);
        Assert.Equal([], entries.Keys.Intersect(["lr_scheduler_type", "lr_scheduler_kwargs", "weight_decay_on"]));
        Assert.True(new TrainingPlan(going, TrainingRows.Pairs(3), []).UpdateOf(1, 0).DecaysVectors);

        // Another schedule is another run, which the comparison of configurations refuses.
        var other = (options.Optimization with { LrSchedulerType = "cosine" }).GoingOn(before);
        Assert.False(other.IsFormer);
    }

    static IReadOnlyDictionary<string, string> Written(TemporaryFolder folder, TrainingOptions options)
    {
        var config = new RunConfig();
        options.AddTo(config, new TrainingPlan(options, TrainingRows.Pairs(3), []));
        config.Write(folder.Path);
        return RunConfig.ReadFrom(folder.Path);
    }
}
