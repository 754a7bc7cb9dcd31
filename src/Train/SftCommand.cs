using System.CommandLine;
using OrtDpo.Core.CommandLine;

namespace OrtDpo.Train;

/// <summary><c>ortdpo sft</c>: supervised fine-tuning with the same loop; makes the reference.</summary>
public static class SftCommand
{
    // TRL's default for supervised fine-tuning: the loss is far from flat, unlike that of preference tuning.
    const double DefaultLearningRate = 2e-5;

    public static Command Create()
    {
        var command = new Command("sft", "Trains a model on prompts and completions: the reference of a later train.");
        var data = new Option<string[]>("--data")
        {
            Description = "JSON or JSON Lines with 'prompt' and 'completion'.",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
        };
        var evalFraction = new Option<double>("--eval-fraction")
        {
            Description = "Share of prompts that is held out.",
            DefaultValueFactory = _ => 0,
        };
        var maxLength = new Option<int>("--max-length") { Description = "Bound on prompt + completion in tokens; by default 1024 or the model's positions." };
        command.Add(data);
        command.Add(evalFraction.Between(0.0, 1.0));
        command.Add(maxLength.Where(value => value > 1, "it must be at least 2"));
        var options = new TrainingCommandOptions(command, DefaultLearningRate);
        command.SetStage(
            parse => new SupervisedSettings(
                options.Bind(parse), parse.GetRequiredValue(data), parse.GetValue(evalFraction), parse.IsGiven(maxLength) ? parse.GetValue(maxLength) : null),
            SupervisedTraining.Run);
        return command;
    }
}
