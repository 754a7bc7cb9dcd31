using System.Globalization;

namespace OrtDpo.Runtime.Memory;

/// <summary>The memory that is left to this process.</summary>
public static class MachineMemory
{
    /// <summary>
    /// Bytes that the process can still take: what the system counts as available, what its container leaves, and its limit on data
    /// (<c>ulimit -d</c>, <c>prlimit --data</c>), whichever is least.
    /// </summary>
    public static long Available() => new[] { OfSystem(), OfContainer(), OfDataLimit() }.Min();

    /// <summary>The process's figure <paramref name="name"/> in <c>/proc/self/status</c>, in bytes; 0 where the system has none.</summary>
    public static long Own(string name) => Field("/proc/self/status", name) ?? 0;

    static long OfSystem() => Field("/proc/meminfo", "MemAvailable") ?? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    static long OfContainer()
    {
        const string Folder = "/sys/fs/cgroup/";
        // What a container reads of files counts as used, and is taken back when it is needed.
        return Number(Folder + "memory.max") is { } most && Number(Folder + "memory.current") is { } used
            ? most - used + (Counter(Folder + "memory.stat", "inactive_file") ?? 0)
            : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
    }

    static long OfDataLimit()
    {
        const string Limits = "/proc/self/limits", Name = "Max data size";
        var line = File.Exists(Limits) ? File.ReadLines(Limits).FirstOrDefault(l => l.StartsWith(Name, StringComparison.Ordinal)) : null;
        return line is not null && long.TryParse(line[Name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], out var most)
            ? most - Own("VmData")
            : long.MaxValue;
    }

    // "Name:   123 kB"
    static long? Field(string path, string name)
    {
        var line = File.Exists(path) ? File.ReadLines(path).FirstOrDefault(l => l.StartsWith(name + ":", StringComparison.Ordinal)) : null;
        return line is null ? null : Parse(line[(name.Length + 1)..].Replace("kB", "", StringComparison.Ordinal)) * 1024;
    }

    // "name 123"
    static long? Counter(string path, string name)
    {
        var line = File.Exists(path) ? File.ReadLines(path).FirstOrDefault(l => l.StartsWith(name + " ", StringComparison.Ordinal)) : null;
        return line is null ? null : Parse(line[name.Length..]);
    }

    static long? Number(string path) =>
        File.Exists(path) && long.TryParse(File.ReadAllText(path), CultureInfo.InvariantCulture, out var number) ? number : null;

    static long Parse(string text) => long.Parse(text.Trim(), CultureInfo.InvariantCulture);
}
