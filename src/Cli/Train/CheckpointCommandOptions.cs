using System.CommandLine;
using System.Globalization;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Runs;
using OrtDpo.Train;
using OrtDpo.Training;

namespace OrtDpo.Cli.Train;

/// <summary>The options that say when a run saves, what it keeps, and where it goes on.</summary>
sealed class CheckpointCommandOptions
{
    const string Auto = "auto";

    static readonly TrainingOptions Defaults = new();

    readonly Option<int> saveSteps = new(OptionNames.Of(nameof(TrainingOptions.SaveSteps)))
    {
        Description = "Steps between two checkpoints; with --save-minutes alone, minutes decide.",
        DefaultValueFactory = _ => Defaults.SaveSteps!.Value,
    };

    readonly Option<double> saveMinutes = new(OptionNames.Of(nameof(CheckpointOptions.SaveMinutes)))
    {
        Description = "Minutes after which the next step leaves a checkpoint.",
    };

    readonly Option<int> saveTotalLimit = new(OptionNames.Of(nameof(CheckpointOptions.SaveTotalLimit)))
    {
        Description = "How many of the newest checkpoints stay.",
        DefaultValueFactory = _ => Checkpoints.UsuallyKept,
    };

    readonly Option<string?> resume = new(OptionNames.Of(nameof(TrainRequest.Resume)))
    {
        HelpName = "auto|step-N",
        Description = "Go on with the run in --out from its newest checkpoint that is whole, or begin it where it has none: alone or with "
            + "auto. With a step, from that step's checkpoint: what is newer is put aside.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    /// <summary>Adds the options to <paramref name="command"/>.</summary>
    public CheckpointCommandOptions(Command command)
    {
        resume.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !IsStart(token.Value))
            {
                result.AddError($"{resume.Name} is '{token.Value}'; it must be {Auto} or a step that has a checkpoint, such as "
                    + $"40 or {Checkpoints.NameOf(40)}.");
            }
        });
        foreach (var option in (Option[])[saveSteps.Positive(), saveMinutes.Positive(), saveTotalLimit.Positive(), resume])
        {
            command.Add(option);
        }
    }

    /// <summary>Puts what was asked for into a request.</summary>
    public TrainRequest Bind(ParseResult parse, TrainRequest request) => request with
    {
        Resume = parse.IsGiven(resume),
        ResumeStep = StepOf(parse.GetValue(resume)),
        Options = request.Options with
        {
            SaveSteps = parse.IsGiven(saveMinutes) && !parse.IsGiven(saveSteps) ? null : parse.GetValue(saveSteps),
            Checkpoints = new CheckpointOptions
            {
                SaveMinutes = parse.Given(saveMinutes),
                SaveTotalLimit = parse.GetValue(saveTotalLimit),
            },
        },
    };

    static bool IsStart(string text) => text == Auto || StepOf(text) is not null;

    static int? StepOf(string? text)
    {
        var prefix = Checkpoints.NameOf(0)[..^1];
        var digits = text?.StartsWith(prefix, StringComparison.Ordinal) == true ? text[prefix.Length..] : text;
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var step) ? step : null;
    }
}
