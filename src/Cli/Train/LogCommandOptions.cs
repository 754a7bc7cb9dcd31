using System.CommandLine;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Logs;
using OrtDpo.Logs.Mlflow;

namespace OrtDpo.Cli.Train;

/// <summary>The options about logs beside <c>metrics.jsonl</c>.</summary>
sealed class LogCommandOptions
{
    readonly Option<string> tensorBoard = new Option<string>(OptionNames.Of(nameof(LogOptions.TensorBoard)))
    {
        HelpName = "on|off",
        Description = "Whether the run's folder gets event files for TensorBoard, in tensorboard/ [default: on].",
    }.Where(value => value is "on" or "off", "it must be on or off").Knowing(facts => facts with { Choices = ["on", "off"] });

    readonly Option<string> mlflow = new(OptionNames.Of(nameof(LogOptions.Mlflow)))
    {
        HelpName = "address",
        Description = "An MLflow server that is to have the run's metrics and configuration too, such as http://localhost:5000. "
            + $"What it asks for is {MlflowCredentials.TokenVariable}, or {MlflowCredentials.UserVariable} and "
            + $"{MlflowCredentials.PasswordVariable}, of the environment. A server that fails never stops a run.",
    };

    readonly Option<string> experiment = new(OptionNames.Of(nameof(MlflowOptions.Experiment)))
    {
        HelpName = "name",
        Description = "The experiment there, which is made where there is none [default: ortdpo].",
    };

    readonly Option<string> runName = new(OptionNames.Of(nameof(MlflowOptions.RunName)))
    {
        HelpName = "name",
        Description = "What the run is called there [default: the name of its folder].",
    };

    readonly Option<string[]> tags = new Option<string[]>(OptionNames.Of(nameof(MlflowOptions.Tags)))
    {
        HelpName = "key=value",
        Description = "A tag of the run there; may be given several times.",
        Arity = ArgumentArity.OneOrMore,
    }.Paired();

    /// <summary>Adds the options to <paramref name="command"/>.</summary>
    public LogCommandOptions(Command command)
    {
        foreach (var option in (Option[])[tensorBoard, mlflow, experiment, runName, tags])
        {
            command.Add(option);
        }
    }

    /// <summary>Reads the options.</summary>
    /// <exception cref="ArgumentException">One has no effect, or a value is none.</exception>
    public LogOptions Bind(ParseResult parse) =>
        new() { TensorBoard = parse.GetValue(tensorBoard) != "off", Mlflow = BindMlflow(parse) };

    MlflowOptions? BindMlflow(ParseResult parse)
    {
        if (parse.GetValue(mlflow) is not { } address)
        {
            return Array.Find((Option[])[experiment, runName, tags], parse.IsGiven) is { } inert
                ? throw new ArgumentException($"{inert.Name} has no effect without {mlflow.Name}.")
                : null;
        }

        var options = new MlflowOptions
        {
            Server = MlflowOptions.Address(address),
            RunName = parse.GetValue(runName),
            Tags = BindTags(parse.GetValue(tags) ?? []),
            Credentials = MlflowCredentials.FromEnvironment(),
        };
        return parse.GetValue(experiment) is { } name ? options with { Experiment = name } : options;
    }

    Dictionary<string, string> BindTags(string[] given)
    {
        var bound = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var text in given)
        {
            if (text.IndexOf('=', StringComparison.Ordinal) is not (> 0 and var at))
            {
                throw new ArgumentException($"{tags.Name} is '{text}'; it must be key=value.");
            }

            if (!bound.TryAdd(text[..at], text[(at + 1)..]))
            {
                throw new ArgumentException($"{tags.Name} gives '{text[..at]}' twice; a tag has one value.");
            }
        }

        return bound;
    }
}
