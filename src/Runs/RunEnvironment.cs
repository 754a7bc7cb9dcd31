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

    /// <summary>The environment of this process.</summary>
    public static RunEnvironment Read(string onnxRuntime, int threads)
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
        };
    }
}
