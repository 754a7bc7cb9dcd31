using OrtDpo.GpuCheck.Reports;
using OrtDpo.GpuCheck.Running;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Sessions;

namespace OrtDpo.GpuCheck.Devices;

/// <summary>What the checks run on, asked for in a process of its own.</summary>
static class DeviceFacts
{
    public static void Write(Places places)
    {
        Directory.CreateDirectory(places.Work);
        OrtProcess.Start(1);
        ReportJson.Write(places.Facts, places.IsRehearsal ? Facts("no GPU: the processor rehearses", "none", 0, isStub: false) : Gpu());
    }

    static GpuFacts Gpu()
    {
        var (_, isStub) = StubLibraries.Open();
        var gpu = CudaFacts.Read().Devices[0];
        return Facts(gpu.Model, gpu.Capability, gpu.FreeBytes, isStub);
    }

    static GpuFacts Facts(string name, string capability, long freeBytes, bool isStub) => new(
        name, capability, freeBytes, NvidiaSmi.Ask("driver_version") ?? "", OrtProcess.Version, Environment.Version.ToString(),
        typeof(DeviceFacts).Assembly.GetName().Version!.ToString(3), Processor(), Environment.ProcessorCount,
        System.Runtime.InteropServices.RuntimeInformation.OSDescription, isStub);

    static string Processor()
    {
        const string File = "/proc/cpuinfo", Field = "model name";
        var line = System.IO.File.Exists(File)
            ? System.IO.File.ReadLines(File).FirstOrDefault(text => text.StartsWith(Field, StringComparison.Ordinal)) : null;
        return line is null ? "unknown processor" : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }
}
