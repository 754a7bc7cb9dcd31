using OrtDpo.Cli;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Testing.FakeCuda;

namespace OrtDpo.CudaEngine.Tests.Commands;

/// <summary>The command line on the stub device.</summary>
static class CudaProgram
{
    // artifacts/bin/CudaEngine.Tests/<configuration>/ lies beside artifacts/bin/Cli/<configuration>/.
    static readonly string Assembly = Path.Combine(
        Repository.Root, "artifacts", "bin", "Cli",
        Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)),
        "OrtDpo.Cli.dll");

    /// <summary>Runs a command in this process, with the threads of its other tests.</summary>
    public static ProgramRun Run(params IEnumerable<string> arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exitCode = CommandLineProgram.Run(
            OrtDpoCommand.Create(), [.. arguments, "--threads", $"{CudaOptions.Threads}"], TextWriter.Synchronized(output),
            TextWriter.Synchronized(error));
        return new ProgramRun(exitCode, output.ToString(), error.ToString().TrimEnd());
    }

    /// <summary>Runs a command in this process, which must succeed; its stdout.</summary>
    public static string Succeed(params IEnumerable<string> arguments)
    {
        var run = Run(arguments);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        return run.Output;
    }

    /// <summary>
    /// Runs a command as a process, on stub libraries of a folder and with what is to be wrong with the device. Its numbers are checked.
    /// </summary>
    public static ProgramRun RunProcess(
        string libraries, IEnumerable<string> arguments, params IEnumerable<(string Name, string Value)> variables)
    {
        var run = ProgramRun.Of("dotnet", [Assembly, .. arguments], variables: new Dictionary<string, string>(
            variables.Select(variable => KeyValuePair.Create(variable.Name, variable.Value)))
        {
            ["LD_LIBRARY_PATH"] = libraries,
            ["ORTDPO_CUDA"] = libraries,
        });
        return run with { Error = run.Error.TrimEnd() };
    }

    /// <summary>The same on all of the stub libraries; skips the test where they cannot be.</summary>
    public static ProgramRun RunProcess(IEnumerable<string> arguments, params IEnumerable<(string Name, string Value)> variables)
    {
        FakeCudaDevice.Require();
        return RunProcess(FakeCudaLibraries.Folder, arguments, variables);
    }
}
