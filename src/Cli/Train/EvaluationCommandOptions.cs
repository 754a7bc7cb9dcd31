using System.CommandLine;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Training;

namespace OrtDpo.Cli.Train;

/// <summary>The options of <c>train</c> and <c>sft</c> that say when a run evaluates, and what follows from it.</summary>
sealed class EvaluationCommandOptions
{
    static readonly SampleOptions Defaults = new();

    readonly Option<EvaluationTimes> strategy = new(OptionNames.Of(nameof(EvaluationOptions.EvalStrategy)))
    {
        HelpName = "steps|epoch|no",
        Description = "When the held-out rows are scored: steps (every --eval-steps), epoch (after each), or no "
            + "[default: steps].",
    };

    readonly Option<bool> keepBest = new(OptionNames.Of(nameof(EvaluationOptions.KeepBest)))
    {
        Description = "Keep the checkpoint of the best evaluation: it is saved when it is made, and best.json names it.",
    };

    readonly Option<string> metric = new Option<string>(OptionNames.Of(nameof(EvaluationOptions.MetricForBest)))
    {
        HelpName = "name",
        Description = "The evaluation's metric that says which is the best, such as eval_rewards/accuracies; implies --keep-best "
            + "[default: eval_loss].",
    }.NotEmpty();

    readonly Option<bool> greater = new(OptionNames.Of(nameof(EvaluationOptions.GreaterIsBetter)))
    {
        HelpName = "true|false",
        Description = "Whether a higher metric is the better one; where its name does not say it.",
        Arity = ArgumentArity.ExactlyOne,
    };

    readonly Option<int> patience = new Option<int>(OptionNames.Of(nameof(EvaluationOptions.EarlyStoppingPatience)))
    {
        HelpName = "evaluations",
        Description = "End the run after so many evaluations in a row without a better one; implies --keep-best.",
    }.Positive();

    readonly Option<double> threshold = new Option<double>(OptionNames.Of(nameof(EvaluationOptions.EarlyStoppingThreshold)))
    {
        HelpName = "difference",
        Description = "By how much an evaluation must be better to count for --early-stopping-patience [default: 0].",
    }.Between(0, double.MaxValue);

    readonly Option<int> samples = new Option<int>(OptionNames.Of(nameof(SampleOptions.Samples)))
    {
        Description = "Answer so many prompts of held-out rows at each evaluation, the first; into samples.jsonl.",
    }.Positive();

    readonly Option<string> prompts = new Option<string>(OptionNames.Of(nameof(SampleOptions.SamplePrompts)))
    {
        HelpName = "file",
        Description = "Answer the prompts of a file at each evaluation: rows with 'prompt' or 'messages'; into samples.jsonl.",
    }.NotEmpty();

    readonly Option<int> tokens = new Option<int>(OptionNames.Of(nameof(SampleOptions.SampleTokens)))
    {
        Description = $"Tokens of such an answer at most [default: {Defaults.SampleTokens}].",
    }.Positive();

    readonly Option<double> temperature = new Option<double>(OptionNames.Of(nameof(SampleOptions.SampleTemperature)))
    {
        Description = "Draw the tokens of such answers with this temperature and --seed, the same draws each time "
            + "[default: always the likeliest].",
    }.Positive();

    readonly Option<int> steps;

    /// <summary>Adds the options to <paramref name="command"/>.</summary>
    /// <param name="command">The verb.</param>
    /// <param name="steps">Its option that says after how many steps is evaluated.</param>
    public EvaluationCommandOptions(Command command, Option<int> steps)
    {
        this.steps = steps;
        foreach (var option in (Option[])
            [strategy, keepBest, metric, greater, patience, threshold, samples, prompts, tokens, temperature])
        {
            command.Add(option);
        }
    }

    /// <summary>Reads the options into a run's.</summary>
    /// <exception cref="ArgumentException">An option has no effect beside the others.</exception>
    public TrainingOptions Bind(ParseResult parse, TrainingOptions options)
    {
        var evaluation = new EvaluationOptions
        {
            EvalStrategy = parse.GetValue(strategy),
            KeepBest = parse.GetValue(keepBest),
            MetricForBest = parse.GetValue(metric),
            GreaterIsBetter = parse.Given(greater),
            EarlyStoppingPatience = parse.Given(patience),
            EarlyStoppingThreshold = parse.GetValue(threshold),
        };
        evaluation.RequireEffect();
        if (evaluation.EvalStrategy != EvaluationTimes.Steps && parse.IsGiven(steps))
        {
            var name = evaluation.EvalStrategy.ToString().ToLowerInvariant();
            throw new ArgumentException($"{steps.Name} has no effect with {strategy.Name} {name}.");
        }

        return options with { Evaluation = evaluation, Sampling = Samples(parse, evaluation) };
    }

    SampleOptions Samples(ParseResult parse, EvaluationOptions evaluation)
    {
        if (parse.IsGiven(samples) && parse.IsGiven(prompts))
        {
            throw new ArgumentException($"{samples.Name} and {prompts.Name} are both given; prompts come from one of them.");
        }

        Option[] asked = [samples, prompts];
        if (evaluation.EvalStrategy == EvaluationTimes.No && Array.Find(asked, parse.IsGiven) is { } never)
        {
            throw new ArgumentException($"{never.Name} has no effect with {strategy.Name} no: prompts are answered at evaluations.");
        }

        if (!asked.Any(parse.IsGiven) && ((Option[])[tokens, temperature]).FirstOrDefault(parse.IsGiven) is { } inert)
        {
            throw new ArgumentException($"{inert.Name} has no effect without {samples.Name} or {prompts.Name}.");
        }

        return new SampleOptions
        {
            Samples = parse.GetValue(samples),
            SamplePrompts = parse.GetValue(prompts),
            SampleTokens = parse.Given(tokens) ?? Defaults.SampleTokens,
            SampleTemperature = parse.Given(temperature),
        };
    }
}
