using System.Text.Json.Serialization;

namespace OrtDpo.Runs;

/// <summary>On what a run was made; <c>environment.json</c>. It decides the last bits of the numbers.</summary>
public sealed record RunEnvironment
{
    public const string FileName = "environment.json";

    /// <summary>The version of OrtDpo.</summary>
    public required string Ortdpo { get; init; }

    public required string Dotnet { get; init; }

    /// <summary>The version of the native ONNX Runtime.</summary>
    public required string OnnxRuntime { get; init; }

    public required string OperatingSystem { get; init; }

    public required string Processor { get; init; }

    /// <summary>Threads that the run uses.</summary>
    public required int Threads { get; init; }

    public required long MemoryBytes { get; init; }

    /// <summary>The device that the run computes on; null, and not in the file: the processor.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Device { get; init; }

    /// <summary>What its maker calls the device.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? DeviceModel { get; init; }

    /// <summary>The environment of this process.</summary>
    /// <param name="onnxRuntime">The version of the native ONNX Runtime.</param>
    /// <param name="threads">Threads that the run uses.</param>
    /// <param name="device">The device that it computes on; null: the processor.</param>
    /// <param name="deviceModel">What its maker calls the device.</param>
    public static RunEnvironment Read(string onnxRuntime, int threads, string? device = null, string? deviceModel = null)
    {
        var machine = MachineFacts.Read();
        return new RunEnvironment
        {
            Ortdpo = PackageVersion.Of(typeof(RunEnvironment).Assembly),
            Dotnet = Environment.Version.ToString(),
            OnnxRuntime = onnxRuntime,
            OperatingSystem = machine.OperatingSystem,
            Processor = machine.Processor,
            Threads = threads,
            MemoryBytes = machine.MemoryBytes,
            Device = device,
            DeviceModel = deviceModel,
        };
    }
}
