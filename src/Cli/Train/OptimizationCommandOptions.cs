using System.CommandLine;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Training;

namespace OrtDpo.Cli.Train;

/// <summary>The options of the learning rate's schedule and of AdamW, by the names of Transformers' <c>TrainingArguments</c>.</summary>
sealed class OptimizationCommandOptions
{
    static readonly OptimizationOptions Defaults = new();

    readonly Option<string> type = new Option<string>(OptionNames.Of(nameof(OptimizationOptions.LrSchedulerType)))
    {
        Description = "How the learning rate goes behind the warm-up, by Transformers' names and formulas: "
            + string.Join(", ", ScheduleKind.All.Select(kind => kind.Name)) + ".",
        HelpName = "name",
        DefaultValueFactory = _ => Defaults.LrSchedulerType,
    }.Knowing(facts => facts with { Choices = [.. ScheduleKind.All.Select(kind => kind.Name)] });

    readonly Option<string> arguments = new Option<string>(OptionNames.Of(nameof(OptimizationOptions.LrSchedulerKwargs)))
    {
        Description = "What the schedule takes beside its warm-up, one JSON object, as {\"num_cycles\": 2} for cosine_with_restarts.",
        HelpName = "json",
    }.AnObject();

    readonly Option<double> ratio = new Option<double>(OptionNames.Of(nameof(TrainingOptions.WarmupRatio)))
    {
        Description = "Share of the steps over which the learning rate rises from 0 "
            + FormattableString.Invariant($"[default: {OptimizationOptions.DefaultWarmupRatio}, in a run of one step 0]."),
    }.Between(0.0, 1.0);

    readonly Option<int> steps = new Option<int>(OptionNames.Of(nameof(OptimizationOptions.WarmupSteps)))
    {
        Description = "Steps over which it rises, in place of their share.",
    }.Where(steps => steps >= 0, "it must be at least 0").Knowing(facts => facts with { From = 0 });

    readonly Option<float> beta1 = new Option<float>(OptionNames.Of(nameof(OptimizationOptions.AdamBeta1)))
    {
        Description = "Decay of AdamW's first moment.",
        DefaultValueFactory = _ => Defaults.AdamBeta1,
    }.Where(beta => beta is >= 0 and < 1, "it must be at least 0 and below 1");

    readonly Option<float> beta2 = new Option<float>(OptionNames.Of(nameof(OptimizationOptions.AdamBeta2)))
    {
        Description = "Decay of AdamW's second moment.",
        DefaultValueFactory = _ => Defaults.AdamBeta2,
    }.Where(beta => beta is >= 0 and < 1, "it must be at least 0 and below 1");

    readonly Option<float> epsilon = new Option<float>(OptionNames.Of(nameof(OptimizationOptions.AdamEpsilon)))
    {
        Description = "Added to the root of AdamW's second moment.",
        DefaultValueFactory = _ => Defaults.AdamEpsilon,
    }.Positive();

    /// <summary>Adds the options to <paramref name="command"/>.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[type, arguments, ratio, steps, beta1, beta2, epsilon])
        {
            command.Add(option);
        }
    }

    /// <summary>Reads the share of the warm-up; null: not given.</summary>
    public double? BindRatio(ParseResult parse) => parse.Given(ratio);

    /// <summary>Reads the options.</summary>
    /// <exception cref="ArgumentException">The schedule has no such name, or two options do not go together.</exception>
    public OptimizationOptions Bind(ParseResult parse)
    {
        var bound = new OptimizationOptions
        {
            LrSchedulerType = parse.GetValue(type)!,
            LrSchedulerKwargs = parse.GetValue(arguments) is { } text ? ScheduleArguments.Parse(text) : new ScheduleArguments(),
            WarmupSteps = parse.Given(steps),
            AdamBeta1 = parse.GetValue(beta1),
            AdamBeta2 = parse.GetValue(beta2),
            AdamEpsilon = parse.GetValue(epsilon),
        };
        bound.Require(BindRatio(parse));
        return bound;
    }
}
