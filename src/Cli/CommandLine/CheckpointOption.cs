using System.CommandLine;
using OrtDpo.Runs;

namespace OrtDpo.Cli.CommandLine;

/// <summary>The option <c>--checkpoint</c>, the same in every command that takes a run.</summary>
static class CheckpointOption
{
    /// <summary>The option of a verb.</summary>
    public static Option<string> Create() => new Option<string>(OptionNames.Of("Checkpoint"))
    {
        HelpName = "last|best|step-N",
        Description = "Which of the run's checkpoints: the last, the best (train --keep-best), or that of a step [default: last].",
    }.Where(name => CheckpointChoice.TryParse(name, out _), $"it must be {CheckpointChoice.Names}");

    /// <summary>Reads the option.</summary>
    public static CheckpointChoice Bind(ParseResult parse, Option<string> option) =>
        parse.GetValue(option) is { } name && CheckpointChoice.TryParse(name, out var choice) ? choice : CheckpointChoice.Last;
}
