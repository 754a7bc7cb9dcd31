using System.CommandLine;
using OrtDpo.Core.CommandLine;

namespace OrtDpo.Export;

/// <summary><c>ortdpo export</c>: stage 3, an ONNX model that hosts of ONNX Runtime load as it is.</summary>
public static class ExportCommand
{
    public static Command Create()
    {
        var run = new Option<string>("--run") { Description = "The run's folder; its newest checkpoint is exported.", Required = true };
        var destination = new Option<string>("--out") { Description = "The folder to make, which must not exist yet.", Required = true };
        var threads = ThreadsOption.Create();
        var command = new Command("export", "Exports a run's policy to ONNX, and checks it against the policy on held-out pairs.")
        {
            run, destination, threads,
        };
        command.SetStage(
            parse => (Run: parse.GetRequiredValue(run), Out: parse.GetRequiredValue(destination), Threads: parse.GetValue(threads)),
            (asked, output) => RunExport.Run(asked.Run, asked.Out, asked.Threads, output));
        return command;
    }
}
