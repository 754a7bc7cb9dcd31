using System.Runtime.InteropServices;
using OrtDpo.Training.Remote;

namespace OrtDpo.Train.OnDevice;

/// <summary>Where ONNX Runtime's native library lies that was built with training.</summary>
static class TrainingLibrary
{
    const string Version = OnDeviceSetup.RuntimeVersion;
    const string Package = OnDeviceSetup.RuntimePackage;

    // What the package has libraries for.
    static readonly string[] Platforms = ["linux-x64", "linux-arm64", "win-x64", "win-x86", "win-arm64"];

    static string FileName => OperatingSystem.IsWindows() ? "onnxruntime.dll" : "libonnxruntime.so";

    /// <summary>Finds it.</summary>
    /// <param name="given">The path that was given; null: it is looked for where the package puts it.</param>
    /// <param name="program">The folder of the engine's program.</param>
    /// <exception cref="FileNotFoundException">It is not there; the message says where it comes from.</exception>
    public static string Find(string? given, string program) => Find(given, program, NuGetFolder, RuntimeInformation.RuntimeIdentifier);

    /// <inheritdoc cref="Find(string?, string)"/>
    /// <param name="given">As above.</param>
    /// <param name="program">As above.</param>
    /// <param name="packages">The folder that NuGet restores packages into.</param>
    /// <param name="platform">The machine's system and processor, as .NET names them.</param>
    internal static string Find(string? given, string program, string packages, string platform)
    {
        if (given is not null)
        {
            return File.Exists(given) ? Path.GetFullPath(given) : throw Missing($"{given} (`OnDeviceLibrary`) does not exist");
        }

        if (!Platforms.Contains(platform))
        {
            throw Missing($"the package has none for {platform}, but for {string.Join(", ", Platforms)}");
        }

        string[] places =
        [
            Path.Combine(program, FileName),
            Path.Combine(program, "runtimes", platform, "native", FileName),
            Path.Combine(packages, Package.ToLowerInvariant(), Version, "runtimes", platform, "native", FileName),
        ];
        return Array.Find(places, File.Exists)
            ?? throw Missing($"it is neither in {program} nor in {Path.Combine(packages, Package.ToLowerInvariant(), Version)}");
    }

    static string NuGetFolder => Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } set
        ? set
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    static FileNotFoundException Missing(string where) => new(
        $"`Engine` {EngineKind.OnDevice.ConfigName()} needs ONNX Runtime's native library of {Version}, built with training, and {where}. "
        + $"It comes with the NuGet package {Package} {Version}: restore that, or give the library's path (`OnDeviceLibrary`).");
}
