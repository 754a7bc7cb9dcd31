using System.Runtime.InteropServices;

namespace OrtDpo.Testing.FakeCuda;

/// <summary>
/// The stub libraries, built from <c>native/</c> for this process and loaded into it. Whatever asks for one of them by its soname from then
/// on, ONNX Runtime's CUDA provider before all, finds these, since the loader takes a library that it has already.
/// </summary>
static class FakeCudaLibraries
{
    const string Device = "libfakecuda.so";

    // Each after those that it needs.
    static readonly string[] Names =
        [Device, "libcudart.so.13", "libcublasLt.so.13", "libcublas.so.13", "libcurand.so.10", "libcuda.so.1"];

    static readonly Lazy<(string Folder, string? Problem)> Loaded = new(BuildAndLoad);

    /// <summary>Why they are not here; null if they are.</summary>
    public static string? Problem => Loaded.Value.Problem;

    /// <summary>Where they are, until the process ends.</summary>
    public static string Folder => Loaded.Value.Folder;

    static (string Folder, string? Problem) BuildAndLoad()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            return ("", $"FakeCuda needs linux-x64; this is {RuntimeInformation.RuntimeIdentifier}.");
        }

        if (!OnPath("cc"))
        {
            return ("", "FakeCuda is built when its tests start, and needs a C compiler: there is no cc on the PATH.");
        }

        var folder = Directory.CreateTempSubdirectory("ortdpo-fakecuda-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        var build = ProgramRun.Of("sh", [Repository.Find("tests", "FakeCuda", "native", "build.sh"), folder]);
        if (build.ExitCode != 0 || build.Error.Length > 0)
        {
            throw new InvalidOperationException($"native/build.sh ended with {build.ExitCode}: {build.Error}{build.Output}");
        }

        foreach (var name in Names)
        {
            NativeLibrary.Load(Path.Combine(folder, name));
        }

        return (folder, null);
    }

    static bool OnPath(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Any(folder => File.Exists(Path.Combine(folder, program)));
}
