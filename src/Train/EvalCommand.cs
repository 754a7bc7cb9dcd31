using System.CommandLine;
using OrtDpo.Core.CommandLine;

namespace OrtDpo.Train;

/// <summary><c>ortdpo eval</c>: scores a run's policy on held-out rows.</summary>
public static class EvalCommand
{
    public static Command Create()
    {
        var run = new Option<string>("--run") { Description = "The run's folder; its newest checkpoint is scored.", Required = true };
        var threads = ThreadsOption.Create();
        var json = new Option<bool>("--json") { Description = "Print one JSON object." };
        var command = new Command("eval", "Scores a run's policy on the held-out rows of its data.") { run, threads, json };
        command.SetStage(
            parse => (Run: parse.GetRequiredValue(run), Threads: parse.GetValue(threads), Json: parse.GetValue(json)),
            (asked, output) => HeldOutEvaluation.Run(asked.Run, asked.Threads, asked.Json, output));
        return command;
    }
}
