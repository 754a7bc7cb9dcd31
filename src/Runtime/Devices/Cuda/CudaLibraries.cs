using System.Runtime.InteropServices;

namespace OrtDpo.Runtime.Devices.Cuda;

/// <summary>
/// CUDA's libraries, found where people have them and loaded before ONNX Runtime asks for them: its provider names them without a path, and
/// a loader takes a library that it has already.
/// </summary>
/// <param name="Runtime">CUDA's runtime, a handle.</param>
/// <param name="Driver">The driver's library, a handle.</param>
sealed record CudaLibraries(nint Runtime, nint Driver)
{
    /// <summary>The environment variable that names the folder of the libraries, before all others.</summary>
    public const string Variable = "ORTDPO_CUDA";

    /// <summary>The major version of CUDA that ONNX Runtime's provider is built for, and the least driver that has it.</summary>
    public const int Version = 13, LeastDriver = 580;

    // Each after those that it needs: name on Linux, name on Windows, what it is, NVIDIA's package for apt, package for pip.
    static readonly (string Linux, string Windows, string What, string Apt, string Pip)[] Needed =
    [
        ("libcudart.so.13", "cudart64_13.dll", "CUDA's runtime", "cuda-cudart-13-0", "nvidia-cuda-runtime"),
        ("libcublasLt.so.13", "cublasLt64_13.dll", "cuBLASLt", "libcublas-13-0", "nvidia-cublas"),
        ("libcublas.so.13", "cublas64_13.dll", "cuBLAS", "libcublas-13-0", "nvidia-cublas"),
        ("libcurand.so.10", "curand64_10.dll", "cuRAND", "libcurand-13-0", "nvidia-curand"),
    ];

    static readonly string[] Toolkits = ["CUDA_HOME", "CUDA_PATH"];
    static readonly string[] Environments = ["VIRTUAL_ENV", "CONDA_PREFIX"];

    static readonly Lazy<CudaLibraries> Loaded = new(Find);

    /// <summary>Finds and loads them, once for the process.</summary>
    /// <exception cref="NotSupportedException">One is missing; the message names it, where it was looked for, and what has it.</exception>
    public static CudaLibraries Load() => Loaded.Value;

    static CudaLibraries Find()
    {
        if (!(OperatingSystem.IsLinux() || OperatingSystem.IsWindows()) || RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            throw new NotSupportedException(
                $"ONNX Runtime has CUDA on Linux and Windows on x64; this is {RuntimeInformation.RuntimeIdentifier}.");
        }

        var folders = Folders().Distinct().Where(Directory.Exists).ToList();
        var driver = OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1";
        if (Of(driver, folders) is not { } driverHandle)
        {
            throw new NotSupportedException($"There is no NVIDIA driver: {driver} was not found. "
                + $"CUDA needs a GPU of NVIDIA, and a driver of CUDA {Version}, which is {LeastDriver} or later.");
        }

        nint? runtime = null;
        foreach (var (linux, windows, what, apt, pip) in Needed)
        {
            var name = OperatingSystem.IsWindows() ? windows : linux;
            var handle = Of(name, folders) ?? throw new NotSupportedException(
                $"{name} was not found: {what} of CUDA {Version}. "
                + $"Looked {(folders.Count == 0 ? "" : $"in {string.Join(", ", folders)} and ")}where the system looks. "
                + $"NVIDIA's package {apt} has it, and pip's {pip}; {Variable} may name its folder.");
            runtime ??= handle;
        }

        return new CudaLibraries(runtime!.Value, driverHandle);
    }

    static nint? Of(string name, IReadOnlyList<string> folders)
    {
        foreach (var path in folders.Select(folder => Path.Combine(folder, name)).Where(File.Exists))
        {
            if (NativeLibrary.TryLoad(path, out var found))
            {
                return found;
            }
        }

        return NativeLibrary.TryLoad(name, out var handle) ? handle : null;
    }

    static IEnumerable<string> Folders()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } own)
        {
            yield return own;
        }

        var isWindows = OperatingSystem.IsWindows();
        foreach (var root in Toolkits.Select(Environment.GetEnvironmentVariable).OfType<string>())
        {
            yield return Path.Combine(root, isWindows ? "bin/x64" : "lib64");
            yield return Path.Combine(root, isWindows ? "bin" : "lib");
        }

        if (!isWindows && Directory.Exists("/usr/local"))
        {
            // cuda-13.1 before cuda-13.0.
            foreach (var root in Directory.EnumerateDirectories("/usr/local", $"cuda-{Version}*").OrderDescending(StringComparer.Ordinal))
            {
                yield return Path.Combine(root, "lib64");
            }

            yield return "/usr/local/cuda/lib64";
        }

        foreach (var packages in PythonPackages())
        {
            yield return Path.Combine(packages, "nvidia", "cu13", isWindows ? "bin/x86_64" : "lib");
        }
    }

    // The folders that pip installs into: of the environments that are active, of the user, of the system.
    static IEnumerable<string> PythonPackages()
    {
        var environments = Environments.Select(Environment.GetEnvironmentVariable).OfType<string>();
        if (OperatingSystem.IsWindows())
        {
            return environments.Select(root => Path.Combine(root, "Lib", "site-packages"));
        }

        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return environments.Append(Path.Combine(home, ".local")).Append("/usr/local").Append("/usr")
            .Select(root => Path.Combine(root, "lib")).Where(Directory.Exists)
            .SelectMany(lib => Directory.EnumerateDirectories(lib, "python3*"))
            .SelectMany(python => new[] { Path.Combine(python, "site-packages"), Path.Combine(python, "dist-packages") });
    }
}
