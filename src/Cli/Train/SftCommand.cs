using System.CommandLine;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Train;

namespace OrtDpo.Cli.Train;

/// <summary><c>ortdpo sft</c>: supervised fine-tuning with the same loop; makes the reference.</summary>
public static class SftCommand
{
    // TRL's default for supervised fine-tuning: the loss is far from flat, unlike that of preference tuning.
    const double DefaultLearningRate = 2e-5;

    public static Command Create()
    {
        var command = new Command("sft", "Trains a model on prompts and completions: the reference of a later train.");
        var seed = TrainingCommandOptions.CreateSeed();
        var data = new DataOptions(command, "rows of 'prompt' and 'completion'", required: true, seed, hasTurns: true);
        var options = new TrainingCommandOptions(command, DefaultLearningRate, seed, defaultDtype: "float32");
        var dryRun = DryRunOption.Create("no step");
        command.Add(dryRun);
        command.SetStage(
            parse => (Settings: options.Bind(parse, LossChoice.Supervised), Data: data.Bind(parse), IsDry: parse.GetValue(dryRun)),
            (bound, output) =>
            {
                if (bound.IsDry)
                {
                    TrainCommand.Rehearse(
                        "sft", bound.Settings, output, report => DataTraining.Rehearse("sft", bound.Settings, bound.Data, report));
                    return;
                }

                TrainCommand.Run(
                    bound.Settings, output, (request, report) => DataTraining.Run("sft", request, bound.Data, report));
            });
        return command;
    }
}
