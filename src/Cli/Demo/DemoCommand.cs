using System.CommandLine;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Demo;

namespace OrtDpo.Cli.Demo;

/// <summary><c>ortdpo demo</c>: the whole pipeline on the model and the pairs that ship with the program.</summary>
static class DemoCommand
{
    static readonly string Shipped = Path.Combine(AppContext.BaseDirectory, "demo");

    public static Command Create()
    {
        var destination = new Option<string?>("--out")
        {
            Description = "The folder to make [default: runs/demo, or the next free runs/demo-N].",
        }.NotEmpty();
        var threads = ThreadsOption.Create();
        var command = new Command("demo", "Runs the whole pipeline on the shipped model and pairs, in under two minutes on a CPU.")
        {
            destination, threads,
        };
        command.SetStage(
            parse => new DemoRequest
            {
                Model = Shipped, Threads = parse.GetValue(threads), Out = parse.GetValue(destination) ?? NextFree(),
            },
            (request, output) =>
            {
                using var report = new DemoReport(output);
                report.Done(DemoStage.Run(request, report.Tell));
            });
        return command;
    }

    static string NextFree() => Enumerable.Range(1, int.MaxValue)
        .Select(i => Path.Combine("runs", i == 1 ? "demo" : $"demo-{i}"))
        .First(path => !Path.Exists(path));
}
