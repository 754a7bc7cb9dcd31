using System.Runtime.InteropServices;
using System.Text.Json;
using OrtDpo.Testing.FakeCuda;

namespace OrtDpo.GpuCheck.Tests;

/// <summary>The program as <c>eng/gpu-check/run</c> starts it, with folders that are gone when the test ends.</summary>
sealed class CheckProgram : IDisposable
{
    // artifacts/bin/GpuCheck.Tests/<configuration>/ lies beside artifacts/bin/GpuCheck/<configuration>/.
    static readonly string Program = Path.Combine(
        Repository.Root, "artifacts", "bin", "GpuCheck",
        Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)),
        "OrtDpo.GpuCheck");

    readonly TemporaryFolder folder = new();

    /// <summary>Where the report goes.</summary>
    public string Out => folder.File("out");

    /// <summary>The page.</summary>
    public string Page => File.ReadAllText(Path.Combine(Out, "page.html"));

    /// <summary>Skips the test where the stub libraries cannot be; else what a program on them is told.</summary>
    public static Dictionary<string, string> OnStubs(params IEnumerable<(string Name, string Value)> faults)
    {
        Assert.SkipWhen(FakeCudaLibraries.Problem is not null, FakeCudaLibraries.Problem ?? "");
        return new(faults.Select(fault => KeyValuePair.Create(fault.Name, fault.Value)))
        {
            ["LD_LIBRARY_PATH"] = FakeCudaLibraries.Folder, ["ORTDPO_CUDA"] = FakeCudaLibraries.Folder,
        };
    }

    /// <summary>Runs checks.</summary>
    public ProgramRun Run(IReadOnlyDictionary<string, string>? variables, params IEnumerable<string> arguments) => ProgramRun.Of(
        Program, ["run", "--repository", Repository.Root, "--work", folder.File("work"), "--out", Out, .. arguments], variables: variables);

    /// <summary>Runs it otherwise.</summary>
    public static ProgramRun Start(params IEnumerable<string> arguments) => ProgramRun.Of(Program, arguments);

    /// <summary>Skips the test where the program's device cannot be rehearsed.</summary>
    public static void RequireLinux() => Assert.SkipUnless(
        OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64,
        "The GPU check is a program for linux-x64.");

    /// <summary>The report's statuses by the numbers of the checks.</summary>
    public Dictionary<int, string> Statuses() => Checks().ToDictionary(
        check => check.GetProperty("number").GetInt32(), check => check.GetProperty("status").GetString()!);

    /// <summary>A check in the report.</summary>
    public JsonElement Check(int number) => Checks().Single(check => check.GetProperty("number").GetInt32() == number);

    public JsonElement Report() => JsonSerializer.Deserialize<JsonElement>(File.ReadAllBytes(Path.Combine(Out, "report.json")));

    public void Dispose() => folder.Dispose();

    JsonElement[] Checks() => [.. Report().GetProperty("checks").EnumerateArray()];
}
