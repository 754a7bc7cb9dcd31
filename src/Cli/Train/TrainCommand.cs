using System.CommandLine;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Objectives;
using OrtDpo.Train;
using OrtDpo.Training;

namespace OrtDpo.Cli.Train;

/// <summary>
/// <c>ortdpo train</c>: stage 2, preference tuning against a reference cache, or on data where the objective has no reference.
/// </summary>
public static class TrainCommand
{
    public static Command Create()
    {
        var command = new Command("train", "Trains a policy on preferences, against a reference cache where the loss has a reference.");
        var reference = new Option<string>("--ref")
        {
            Description = "The reference cache that precompute wrote; for losses with a reference.",
        };
        command.Add(reference);
        var seed = TrainingCommandOptions.CreateSeed();
        var data = new DataOptions(command, "what losses without a reference train on", required: false, seed);
        var objective = new ObjectiveCommandOptions(command);
        var oneLabel = new Option<bool>("--accept-one-label")
        {
            Description = "Train on unpaired feedback although all of it has one label, from which kto learns nothing of the other.",
        };
        command.Add(oneLabel);
        var options = new TrainingCommandOptions(
            command, new TrainingOptions().LearningRate, seed, defaultDtype: "the cache's, and float32 without one");
        var dryRun = DryRunOption.Create("no step");
        command.Add(dryRun);
        command.SetStage(
            parse =>
            {
                var loss = objective.Bind(parse);
                RequireSource(parse, loss, reference, data);
                var files = parse.IsGiven(data.Files) ? data.Bind(parse) : null;
                RequireEffectOfOneLabel(parse, loss, oneLabel);
                var settings = options.Bind(parse, loss) with { AcceptOneLabel = parse.GetValue(oneLabel) };
                return (
                    Settings: settings, Reference: parse.GetValue(reference), Template: parse.GetValue(data.ChatTemplate), Data: files,
                    IsDry: parse.GetValue(dryRun));
            },
            (bound, output) =>
            {
                if (bound.IsDry)
                {
                    Rehearse("train", bound.Settings, output, report => bound.Data is { } files
                        ? DataTraining.Rehearse("train", bound.Settings, files, report)
                        : PreferenceTraining.Rehearse(bound.Settings, bound.Reference!, report, bound.Template));
                    return;
                }

                Run(bound.Settings, output, (request, report) => bound.Data is { } files
                    ? DataTraining.Run("train", request, files, report)
                    : PreferenceTraining.Run(request, bound.Reference!, report, bound.Template));
            });
        return command;
    }

    static void RequireEffectOfOneLabel(ParseResult parse, LossChoice loss, Option<bool> oneLabel)
    {
        if (parse.IsGiven(oneLabel) && loss.Objective.Rows != ObjectiveRows.Unpaired)
        {
            throw new ArgumentException($"{oneLabel.Name} has no effect: {loss.Objective.Losses} takes no labels.");
        }
    }

    /// <summary>Trains, and tells of it. From the loop's beginning on, a signal lets it finish the step and save.</summary>
    internal static void Run(TrainRequest request, ProgramOutput output, Func<TrainRequest, Action<TrainEvent>, TrainResult> train)
    {
        using var report = new TrainingReport(request, output.Forgiving());
        using var interruption = new Interruption(_ => true, report.Stopping);
        report.Done(train(request with { Stop = interruption.Token }, told =>
        {
            if (told is TrainEvent.LoopStarted)
            {
                interruption.Begin();
            }

            report.Tell(told);
        }));
    }

    /// <summary>Says what would be trained.</summary>
    internal static void Rehearse(string verb, TrainRequest request, ProgramOutput output, Func<Action<TrainEvent>, Rehearsal> rehearse)
    {
        using var report = new TrainingReport(request, output);
        foreach (var line in RehearsalLines.Of(rehearse(report.Tell), verb, request.Out))
        {
            output.WriteLine(line);
        }
    }

    // Where the rows come from follows from the loss: what it ignores is refused, as is what it lacks.
    static void RequireSource(ParseResult parse, LossChoice loss, Option<string> reference, DataOptions data)
    {
        var (name, cached, files) = (loss.Objective.Losses, parse.IsGiven(reference), parse.IsGiven(data.Files));
        if (cached && files)
        {
            throw new ArgumentException("--data and --ref are both given; the cache of --ref holds the data that it was made from. "
                + "Give one of them.");
        }

        if (loss.Objective.NeedsReference && !cached)
        {
            throw new ArgumentException(files
                ? $"--data has no effect: {name} compares with a reference. Run precompute on the data, then give its cache as --ref."
                : $"--ref is missing: {name} compares with a reference. Give the cache that precompute wrote.");
        }

        if (!loss.Objective.NeedsReference && !files)
        {
            throw new ArgumentException(cached
                ? $"--ref has no effect: {name} has no reference. Give --data."
                : $"--data is missing: {name} has no reference, so it trains on files of data.");
        }

        if (cached && data.FirstGiven(parse) is { } inert)
        {
            throw new ArgumentException($"{inert.Name} has no effect beside --ref: the cache says what is cut and held out. "
                + "Give it to precompute.");
        }
    }
}
