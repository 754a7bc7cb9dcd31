using System.CommandLine;
using OrtDpo.Core.CommandLine;
using OrtDpo.Core.Training;

namespace OrtDpo.Train;

/// <summary><c>ortdpo train</c>: stage 2, preference tuning against a reference cache.</summary>
public static class TrainCommand
{
    public static Command Create()
    {
        var command = new Command("train", "Trains a policy on preference pairs against a reference cache.");
        var reference = new Option<string>("--ref") { Description = "The reference cache that precompute wrote.", Required = true };
        var beta = new Option<float>("--beta") { Description = "Temperature of the implicit reward.", DefaultValueFactory = _ => 0.1f };
        command.Add(reference);
        command.Add(beta.Positive());
        var options = new TrainingCommandOptions(command, new TrainingOptions().LearningRate);
        command.SetStage(
            parse => (Settings: options.Bind(parse), Reference: parse.GetRequiredValue(reference), Beta: parse.GetValue(beta)),
            (bound, output) => PreferenceTraining.Run(bound.Settings, bound.Reference, bound.Beta, output));
        return command;
    }
}
