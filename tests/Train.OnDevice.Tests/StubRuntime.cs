using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace OrtDpo.Testing.OnDevice;

/// <summary>
/// ONNX Runtime 1.19.2 without training, as npm's onnxruntime-node has it, and a stand-in for the library with training, which is on few
/// registries: it is built from <c>native/</c>, has the other one do what that can, and does the rest with more checks than the original.
/// </summary>
static class StubRuntime
{
    /// <summary>The variable with the path of the library that the stub calls.</summary>
    public const string RuntimeVariable = "ORTDPO_STUB_RUNTIME";

    /// <summary>The variable with the path of the file that the stub writes its calls to.</summary>
    public const string LogVariable = "ORTDPO_STUB_LOG";

    /// <summary>What the log has where something happened that must not.</summary>
    public const string Violation = "VIOLATION";

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    static readonly Lock Building = new();

    static string Platform => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x64";

    /// <summary>The library without training; the test is skipped where it is not here.</summary>
    public static string Plain()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The library of onnxruntime-node is taken on Linux alone.");
        var installed = NodePackages.Installed("native", "onnxruntime-node 1.19.2 is", Patience);
        return Path.Combine(
            installed, "node_modules", "onnxruntime-node", "bin", "napi-v3", "linux", Platform, "libonnxruntime.so.1.19.2");
    }

    /// <summary>The stub; the test is skipped where it cannot be built.</summary>
    public static string WithTraining()
    {
        Plain();
        Assert.SkipUnless(OnPath("g++"), "The stand-in for ONNX Runtime's training is built by g++, which is not on the PATH.");
        var headers = Headers();
        Assert.SkipWhen(headers is null, "No package of ONNX Runtime with its C headers is in NuGet's folder.");
        lock (Building)
        {
            return Built(headers!);
        }
    }

    // In a folder of its own for each version of its sources; under another name first, as other processes build the same.
    static string Built(string headers)
    {
        var sources = Directory.GetFiles(Repository.Find("tests", "Train.OnDevice.Tests", "native")).Order(StringComparer.Ordinal).ToList();
        var name = Convert.ToHexStringLower(SHA256.HashData([.. sources.SelectMany(File.ReadAllBytes)]))[..12];
        var folder = Repository.Find("artifacts", "native", name);
        var library = Path.Combine(folder, "libonnxruntime.so");
        if (!File.Exists(library))
        {
            Directory.CreateDirectory(folder);
            var temporary = $"{library}.{Environment.ProcessId}";
            var build = ProgramRun.Of("g++",
            [
                "-std=c++17", "-O1", "-fPIC", "-fvisibility=hidden", "-Wall", "-Wextra", "-shared", "-Wl,-z,defs", "-I", headers,
                "-o", temporary, .. sources.Where(source => source.EndsWith(".cpp", StringComparison.Ordinal)), "-ldl",
            ]);
            Assert.Equal((0, ""), (build.ExitCode, build.Error));
            File.Move(temporary, library, overwrite: true);
        }

        return library;
    }

    /// <summary>The folder of <c>onnxruntime_c_api.h</c> in a package that a build restored; null: none did.</summary>
    public static string? Headers()
    {
        var packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } set
            ? set
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        return new[] { "microsoft.ml.onnxruntime.gpu.linux", "microsoft.ml.onnxruntime" }
            .Select(name => Path.Combine(packages, name))
            .Where(Directory.Exists)
            .SelectMany(folder => Directory.GetFiles(folder, "onnxruntime_c_api.h", SearchOption.AllDirectories))
            .Select(Path.GetDirectoryName)
            .FirstOrDefault();
    }

    /// <summary>Whether a program is on the PATH.</summary>
    public static bool OnPath(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Any(folder => File.Exists(Path.Combine(folder, program)));
}
