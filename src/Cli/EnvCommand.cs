using System.CommandLine;
using System.Globalization;
using System.Reflection;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Tokenizers;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Runs;
using Parquet;

namespace OrtDpo.Cli;

/// <summary><c>ortdpo env</c>: the versions, packages and devices that a run here would use.</summary>
static class EnvCommand
{
    public static Command Create()
    {
        var command = new Command("env", "Prints the versions, packages and devices that a run on this machine uses.");
        command.SetStage(_ => MachineFacts.Read(), Print);
        return command;
    }

    static void Print(MachineFacts machine, ProgramOutput output)
    {
        var onnxRuntime = OrtEnv.Instance();
        var devices = onnxRuntime.GetEpDevices()
            .Select(device => $"{device.EpName} on {device.HardwareDevice.Vendor}")
            .Distinct();
        output.WriteTable(
            ["OrtDpo", PackageVersion.Of(Assembly.GetExecutingAssembly())],
            [".NET", Environment.Version.ToString()],
            ["system", machine.OperatingSystem],
            ["processor", machine.Processor],
            [
                "threads",
                string.Create(CultureInfo.InvariantCulture, $"{machine.PhysicalCores} ({Environment.ProcessorCount} hardware threads)"),
            ],
            ["memory", string.Create(CultureInfo.InvariantCulture, $"{machine.MemoryBytes / (double)(1 << 30):0.0} GiB")],
            ["devices", string.Join(", ", devices)],
            ["ONNX Runtime, native", onnxRuntime.GetVersionString()],
            ["Microsoft.ML.OnnxRuntime", PackageVersion.Of(typeof(InferenceSession).Assembly)],
            ["Microsoft.ML.Tokenizers", PackageVersion.Of(typeof(Tokenizer).Assembly)],
            ["Parquet.Net", PackageVersion.Of(typeof(ParquetReader).Assembly)]);
    }
}
