using OrtDpo.Testing.FakeCuda;
using OrtDpo.Pipeline.Tests;

namespace OrtDpo.CudaEngine.Tests.Commands;

/// <summary>What a user reads whose GPU cannot be used: each program a process, on stub libraries with something wrong.</summary>
public sealed class CudaRefusalTests : IDisposable
{
    const string Stub = "cuda:0, FakeCuda";

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(
        "cuda", "FAKECUDA_DEVICES", "0",
        "The NVIDIA driver is here, and finds no CUDA device; CUDA_VISIBLE_DEVICES may hide them.")]
    [InlineData(
        "cuda:0", "FAKECUDA_DRIVER", "12080",
        "The NVIDIA driver is of CUDA 12.8; expected CUDA 13, which is driver 580 or later. Update the driver.")]
    [InlineData(
        "cuda", "FAKECUDA_SM", "100",
        "cuda:0 is a FakeCuda of compute capability 10.0; ONNX Runtime 1.31 has machine code for 7.5, 8.0, 8.6, 8.9, 9.0, 12.0 and later "
        + "ones of the same first number.")]
    [InlineData("cuda:3", "FAKECUDA_DEVICES", "1", "cuda:3 was asked for, and this machine has one CUDA device, cuda:0.")]
    public void A_device_that_cannot_be_used_is_a_sentence(string device, string variable, string value, string sentence) =>
        Assert.Equal(new ProgramRun(1, "", sentence), CudaProgram.RunProcess(Generate(device), (variable, value)));

    [Fact]
    public void A_library_that_is_missing_is_named()
    {
        FakeCudaDevice.Require();
        var run = CudaProgram.RunProcess(LibrariesWithout("libcurand.so.10"), Generate("cuda"));
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.StartsWith("libcurand.so.10 was not found: cuRAND of CUDA 13. Looked in ", run.Error, StringComparison.Ordinal);
        Assert.EndsWith(
            "NVIDIA's package libcurand-13-0 has it, and pip's nvidia-curand; ORTDPO_CUDA may name its folder.", run.Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_driver_auto_is_the_processor_and_says_why()
    {
        FakeCudaDevice.Require();
        Assert.SkipWhen(Directory.Exists("/proc/driver/nvidia"), "This machine has a driver.");
        var libraries = LibrariesWithout("libcuda.so.1");
        const string Reason = "There is no NVIDIA driver: libcuda.so.1 was not found. CUDA needs a GPU of NVIDIA, and a driver of CUDA 13, "
            + "which is 580 or later.";
        Assert.Equal(new ProgramRun(1, "", Reason), CudaProgram.RunProcess(libraries, Generate("cuda")));
        var run = CudaProgram.RunProcess(libraries, Generate("auto"));
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.StartsWith($"device: cpu, since {Reason}\napple", run.Output, StringComparison.Ordinal);
        Assert.Contains(Reason, CudaProgram.RunProcess(libraries, ["env"]).Output, StringComparison.Ordinal);
    }

    /// <summary>The stubs compute nothing, which is what a device with wrong numbers looks like.</summary>
    [Fact]
    public void A_device_with_wrong_numbers_is_refused_and_auto_does_without()
    {
        var refused = CudaProgram.RunProcess(Generate("cuda"));
        Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
        Assert.StartsWith(
            $"{Stub} gives wrong numbers: 0 in place of 18.0625 in a first small graph.", refused.Error, StringComparison.Ordinal);
        var auto = CudaProgram.RunProcess(Generate("auto"));
        Assert.Equal((0, ""), (auto.ExitCode, auto.Error));
        Assert.StartsWith($"device: cpu, since {Stub} gives wrong numbers", auto.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_with_no_memory_to_begin_with_is_a_sentence()
    {
        var run = CudaProgram.RunProcess(Generate("cuda"), ("FAKECUDA_MEMORY", "1048576"));
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.StartsWith($"{Stub} was found, and does not run a first small graph: {Stub}, has no ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Env_names_the_device()
    {
        var run = CudaProgram.RunProcess(["env"], ("FAKECUDA_MEMORY", "8000000000"));
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Matches($"CUDA +{Stub}, compute capability 9.0, 8.00 GB free", run.Output);
    }

    string[] Generate(string device) =>
    [
        "generate", "--model", TinyModel.Write(folder.File("model")), "--prompt", "apple", "--max-new-tokens", "2", "--threads", "1",
        "--device", device,
    ];

    string LibrariesWithout(string name)
    {
        var copy = Directory.CreateDirectory(folder.File("libraries")).FullName;
        foreach (var file in Directory.EnumerateFiles(FakeCudaLibraries.Folder).Where(file => Path.GetFileName(file) != name))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        return copy;
    }
}
