using System.Runtime.InteropServices;

namespace OrtDpo.Runs;

/// <summary>What a machine offers to a run.</summary>
public sealed record MachineFacts
{
    /// <summary>The operating system and the process architecture.</summary>
    public required string OperatingSystem { get; init; }

    /// <summary>The processor's name, or its architecture where the system does not tell.</summary>
    public required string Processor { get; init; }

    /// <summary>Cores that this process may use, two hardware threads counted once: the default thread count.</summary>
    public required int PhysicalCores { get; init; }

    /// <summary>Memory that this process may use, in bytes; a container's limit counts.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>The facts of this machine.</summary>
    public static MachineFacts Read()
    {
        var cpuinfo = File.Exists("/proc/cpuinfo") ? File.ReadAllLines("/proc/cpuinfo") : [];
        return new MachineFacts
        {
            OperatingSystem = $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}",
            Processor = Values(cpuinfo, "model name").FirstOrDefault() ?? RuntimeInformation.ProcessArchitecture.ToString(),
            PhysicalCores = CountCores(cpuinfo, Environment.ProcessorCount),
            MemoryBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        };
    }

    /// <summary>Counts distinct (package, core) pairs, at most as many as the process has hardware threads.</summary>
    internal static int CountCores(IReadOnlyList<string> cpuinfo, int hardwareThreads)
    {
        var cores = Values(cpuinfo, "physical id").Zip(Values(cpuinfo, "core id")).Distinct().Count();
        return cores == 0 ? hardwareThreads : Math.Min(cores, hardwareThreads);
    }

    static IEnumerable<string> Values(IEnumerable<string> cpuinfo, string key) =>
        cpuinfo.Where(line => line.StartsWith(key, StringComparison.Ordinal))
            .Select(line => line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim());
}
