using OrtDpo.FakeCuda.Tests.Provider;
using OrtDpo.Testing.FakeCuda;

namespace OrtDpo.FakeCuda.Tests.Stubs;

/// <summary>What only a process of its own can show: <c>Probes/probe.c</c>.</summary>
public sealed class ProbeTests : IDisposable
{
    // As a shell reports a program that signal 11 ended.
    const int SegmentationFault = 128 + 11;

    readonly TemporaryFolder folder = new();

    public ProbeTests()
    {
        FakeCudaDevice.Require();
        var build = ProgramRun.Of(
            "cc",
            [
                Repository.Find("tests", "FakeCuda", "Probes", "probe.c"), Path.Combine(FakeCudaLibraries.Folder, "libcudart.so.13"),
                $"-Wl,-rpath,{FakeCudaLibraries.Folder}", "-o", folder.File("probe"),
            ]);
        Assert.True(build.ExitCode == 0, build.Error);
    }

    [Theory]
    [InlineData("copy", CudaRuntime.Success)]
    [InlineData("read", SegmentationFault)]
    public void Device_memory_is_copied_and_not_read(string how, int exitCode) => Assert.Equal(exitCode, Run("", how));

    [Theory]
    [InlineData("FAKECUDA_DEVICES=0", CudaRuntime.NoDevice)]
    [InlineData("FAKECUDA_DRIVER=12080", CudaRuntime.InsufficientDriver)]
    [InlineData("FAKECUDA_MEMORY=1048575", CudaRuntime.MemoryAllocation)]
    [InlineData("FAKECUDA_MEMORY=1048576", CudaRuntime.Success)]
    public void Faults_are_set_by_the_environment(string variable, int exitCode) => Assert.Equal(exitCode, Run(variable, "copy"));

    [Fact]
    public void A_trace_says_what_was_called()
    {
        Assert.Equal(0, Run($"FAKECUDA_TRACE={folder.File("trace")}", "copy"));
        var trace = File.ReadAllLines(folder.File("trace"));
        Assert.Contains(trace, line => line.StartsWith("cudaMalloc", StringComparison.Ordinal));
        Assert.Contains(trace, line => line.Contains("device to host, 1 bytes, pageable", StringComparison.Ordinal));
    }

    public void Dispose() => folder.Dispose();

    // Without a core file.
    int Run(string variable, string how) =>
        ProgramRun.Of("sh", ["-c", $"ulimit -c 0; {variable} exec \"$0\" \"$1\"", folder.File("probe"), how]).ExitCode;
}
