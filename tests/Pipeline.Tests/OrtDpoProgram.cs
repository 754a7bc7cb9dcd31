using System.CommandLine;
using System.Diagnostics;
using OrtDpo.Cli;
using OrtDpo.Cli.CommandLine;

namespace OrtDpo.Pipeline.Tests;

/// <summary>
/// The command line: in the tests' own process, since starting a program takes longer than most commands do, and as a process, of the same
/// configuration as these tests, where that is what is tested.
/// </summary>
static class OrtDpoProgram
{
    // ONNX Runtime's threads are a process's, and the first command that needs them decides.
    const int ThreadsHere = 1;
    const string ThreadsOption = "--threads";

    // artifacts/bin/Pipeline.Tests/<configuration>/ lies beside artifacts/bin/Cli/<configuration>/.
    internal static readonly string Assembly = Path.Combine(
        Repository.Root, "artifacts", "bin", "Cli",
        Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)),
        "OrtDpo.Cli.dll");

    /// <summary>
    /// Runs a command in this process, by default with one thread; one that asks for more runs in a process of its own. Paths are whole.
    /// </summary>
    public static ProgramRun Run(params IEnumerable<string> arguments)
    {
        string[] given = [.. arguments];
        return AsksForOtherThreads(given) ? RunProcess(given) : RunHere(given);
    }

    /// <summary>
    /// As <see cref="Run"/>, in <paramref name="folder"/>, which becomes the process's: for tests of the collection
    /// <see cref="Fixtures.MovesCurrentFolder"/> alone.
    /// </summary>
    public static ProgramRun RunIn(string folder, params IEnumerable<string> arguments)
    {
        string[] given = [.. arguments];
        if (AsksForOtherThreads(given))
        {
            return ProgramRun.Of("dotnet", [Assembly, .. given], folder);
        }

        var before = Environment.CurrentDirectory;
        Environment.CurrentDirectory = folder;
        try
        {
            return RunHere(given);
        }
        finally
        {
            Environment.CurrentDirectory = before;
        }
    }

    /// <summary>Runs <c>ortdpo</c> as a process to its end.</summary>
    public static ProgramRun RunProcess(params IEnumerable<string> arguments) => ProgramRun.Of("dotnet", [Assembly, .. arguments]);

    /// <summary>Starts <c>ortdpo</c>; both outputs are redirected and must be read or be small.</summary>
    public static Process Start(params IEnumerable<string> arguments) => ProgramRun.Start("dotnet", [Assembly, .. arguments]);

    static ProgramRun RunHere(string[] arguments)
    {
        var program = OrtDpoCommand.Create();
        foreach (var option in program.Subcommands.SelectMany(verb => verb.Options).OfType<Option<int>>())
        {
            if (option.Name == ThreadsOption)
            {
                option.DefaultValueFactory = _ => ThreadsHere;
            }
        }

        using var output = new StringWriter();
        using var error = new StringWriter();
        var exitCode = CommandLineProgram.Run(program, arguments, TextWriter.Synchronized(output), TextWriter.Synchronized(error));
        return new ProgramRun(exitCode, output.ToString(), error.ToString());
    }

    static bool AsksForOtherThreads(string[] arguments) =>
        Array.IndexOf(arguments, ThreadsOption) is >= 0 and var at && arguments.ElementAtOrDefault(at + 1) != $"{ThreadsHere}";
}
