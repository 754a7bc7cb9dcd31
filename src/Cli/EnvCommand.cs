using System.CommandLine;
using System.Globalization;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Precompute;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Memory;

namespace OrtDpo.Cli;

/// <summary><c>ortdpo env</c>: the versions, packages and devices that a run here would use.</summary>
static class EnvCommand
{
    public static Command Create()
    {
        var command = new Command("env", "Prints the versions, packages and devices that a run on this machine uses.");
        command.SetStage(_ => 0, (_, output) => Print(Installation.Read(), output));
        return command;
    }

    static void Print(Installation found, ProgramOutput output)
    {
        var machine = found.Machine;
        output.WriteTable([
            ["OrtDpo", found.Ortdpo],
            [".NET", found.Dotnet],
            ["system", machine.OperatingSystem],
            ["processor", machine.Processor],
            ["threads", string.Create(CultureInfo.InvariantCulture, $"{machine.PhysicalCores} ({found.HardwareThreads} hardware threads)")],
            ["memory", string.Create(CultureInfo.InvariantCulture, $"{machine.MemoryBytes / (double)(1 << 30):0.0} GiB")],
            ["devices", string.Join(", ", found.OnnxRuntime.Devices.Select(device => $"{device.Provider} on {device.Vendor}"))],
            ["CUDA", Cuda(found.Cuda)],
            ["ONNX Runtime, native", found.OnnxRuntime.Version],
            .. found.Packages.Select(package => (string[])[package.Name, package.Version]),
        ]);
    }

    // On one line: what could be used, then why the rest could not.
    static string Cuda(CudaFacts found) => string.Join(
        "; ",
        [
            .. found.Devices.Select(
                gpu => $"{gpu.Name}, {gpu.Model}, compute capability {gpu.Capability}, {MemoryText.Of(gpu.FreeBytes)} free"),
            .. found.WhyNot is { } reason ? (string[])[reason] : [],
        ]);
}
