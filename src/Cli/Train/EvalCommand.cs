using System.CommandLine;
using System.Globalization;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Runs;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Models;
using OrtDpo.Train;

namespace OrtDpo.Cli.Train;

/// <summary><c>ortdpo eval</c>: scores a run's policy on held-out rows.</summary>
static class EvalCommand
{
    public static Command Create()
    {
        var run = new Option<string>("--run") { Description = "The run's folder.", Required = true };
        var checkpoint = CheckpointOption.Create();
        var device = DeviceOption.Create("the policy");
        var offload = new OffloadOptions();
        var threads = ThreadsOption.Create();
        var json = new Option<bool>("--json") { Description = "Print one JSON object." };
        var command = new Command("eval", "Scores a run's policy on the held-out rows of its data.")
        {
            run, checkpoint, device, threads, json,
        };
        offload.AddTo(command);
        command.SetStage(
            parse => (
                Run: parse.GetRequiredValue(run), Checkpoint: CheckpointOption.Bind(parse, checkpoint),
                Device: DeviceOption.Bind(parse, device), Offload: offload.Bind(parse),
                Threads: parse.GetValue(threads), Json: parse.GetValue(json)),
            (asked, output) => Run(asked.Run, asked.Checkpoint, asked.Device, asked.Offload, asked.Threads, asked.Json, output));
        return command;
    }

    static void Run(
        string folder, CheckpointChoice checkpoint, DeviceChoice device, OffloadChoice offload, int threads, bool json,
        ProgramOutput output)
    {
        var run = TrainedRun.Open(folder, checkpoint);
        var metrics = HeldOutEvaluation.Score(run, threads, device, offload, place =>
        {
            // An object alone is what machines read.
            if (!json)
            {
                MemoryLines.Tell(place, offload, output);
            }
        });
        if (json)
        {
            output.WriteLine(metrics.ToJson());
            return;
        }

        output.WriteLine($"{run.Checkpoint} on the held-out rows of {run.ReferenceCache ?? run.Folder}");
        output.WriteTable(
            [.. metrics.Values.Select(value => (string[])[value.Key, value.Value.ToString("G6", CultureInfo.InvariantCulture)])]);
    }
}
