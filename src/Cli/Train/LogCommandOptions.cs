using System.CommandLine;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Logs;

namespace OrtDpo.Cli.Train;

/// <summary>The options about logs beside <c>metrics.jsonl</c>.</summary>
sealed class LogCommandOptions
{
    readonly Option<string> tensorBoard = new Option<string>(OptionNames.Of(nameof(LogOptions.TensorBoard)))
    {
        HelpName = "on|off",
        Description = "Whether the run's folder gets event files for TensorBoard, in tensorboard/ [default: on].",
    }.Where(value => value is "on" or "off", "it must be on or off");

    /// <summary>Adds the options to <paramref name="command"/>.</summary>
    public LogCommandOptions(Command command) => command.Add(tensorBoard);

    /// <summary>Reads the options.</summary>
    public LogOptions Bind(ParseResult parse) => new() { TensorBoard = parse.GetValue(tensorBoard) != "off" };
}
