using System.Diagnostics;

namespace OrtDpo.Pipeline.Tests;

/// <summary>The built command line, of the same configuration as these tests, started as a process.</summary>
static class OrtDpoProgram
{
    // artifacts/bin/Pipeline.Tests/<configuration>/ lies beside artifacts/bin/Cli/<configuration>/.
    internal static readonly string Assembly = Path.Combine(
        Repository.Root, "artifacts", "bin", "Cli",
        Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)),
        "OrtDpo.Cli.dll");

    /// <summary>Runs <c>ortdpo</c> to its end.</summary>
    public static ProgramRun Run(params IEnumerable<string> arguments) => ProgramRun.Of("dotnet", [Assembly, .. arguments]);

    /// <summary>Runs <c>ortdpo</c> in <paramref name="folder"/> to its end.</summary>
    public static ProgramRun RunIn(string folder, params IEnumerable<string> arguments) =>
        ProgramRun.Of("dotnet", [Assembly, .. arguments], folder);

    /// <summary>Starts <c>ortdpo</c>; both outputs are redirected and must be read or be small.</summary>
    public static Process Start(params IEnumerable<string> arguments) => ProgramRun.Start("dotnet", [Assembly, .. arguments]);
}
