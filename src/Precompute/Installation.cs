using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Tokenizers;
using OrtDpo.Runs;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Sessions;
using Parquet;

namespace OrtDpo.Precompute;

/// <summary>The versions, packages and devices that a run in this process would use.</summary>
public sealed record Installation
{
    /// <summary>The version of OrtDpo.</summary>
    public required string Ortdpo { get; init; }

    /// <summary>The version of .NET.</summary>
    public required string Dotnet { get; init; }

    /// <summary>The machine.</summary>
    public required MachineFacts Machine { get; init; }

    /// <summary>Hardware threads that this process may use.</summary>
    public required int HardwareThreads { get; init; }

    /// <summary>The native ONNX Runtime and its devices.</summary>
    public required OrtFacts OnnxRuntime { get; init; }

    /// <summary>The GPUs that stages could run on, or why there are none.</summary>
    public required CudaFacts Cuda { get; init; }

    /// <summary>The packages that numbers and files depend on, with their versions.</summary>
    public required IReadOnlyList<InstalledPackage> Packages { get; init; }

    /// <summary>What there is here; asked before the first model, it decides nothing for it.</summary>
    public static Installation Read() => new()
    {
        Ortdpo = PackageVersion.Of(typeof(Installation).Assembly),
        Dotnet = Environment.Version.ToString(),
        Machine = MachineFacts.Read(),
        HardwareThreads = Environment.ProcessorCount,
        OnnxRuntime = OrtFacts.Read(),
        Cuda = CudaFacts.Read(),
        Packages =
        [
            new("Microsoft.ML.OnnxRuntime", PackageVersion.Of(typeof(InferenceSession).Assembly)),
            new("Microsoft.ML.Tokenizers", PackageVersion.Of(typeof(Tokenizer).Assembly)),
            new("Parquet.Net", PackageVersion.Of(typeof(ParquetReader).Assembly)),
        ],
    };
}

/// <summary>A package that a run would use.</summary>
/// <param name="Name">Its name on the registry.</param>
/// <param name="Version">Its version.</param>
public sealed record InstalledPackage(string Name, string Version);
