using OrtDpo.Testing.FakeCuda;

namespace OrtDpo.FakeCuda.Tests.Stubs;

public sealed class HostReadTests
{
    // As a shell reports a program that signal 11 ended.
    const int SegmentationFault = 128 + 11;

    [Theory]
    [InlineData("copy", 0)]
    [InlineData("read", SegmentationFault)]
    public void Device_memory_is_copied_and_not_read(string how, int exitCode)
    {
        FakeCudaDevice.Require();
        using var folder = new TemporaryFolder();
        var runtime = Path.Combine(FakeCudaLibraries.Folder, "libcudart.so.13");
        var build = ProgramRun.Of(
            "cc",
            [
                Repository.Find("tests", "FakeCuda", "Probes", "host_read.c"), runtime, $"-Wl,-rpath,{FakeCudaLibraries.Folder}",
                "-o", folder.File("host_read"),
            ]);
        Assert.True(build.ExitCode == 0, build.Error);

        // Without a core file.
        var run = ProgramRun.Of("sh", ["-c", "ulimit -c 0; exec \"$0\" \"$1\"", folder.File("host_read"), how]);
        Assert.Equal(exitCode, run.ExitCode);
    }
}
