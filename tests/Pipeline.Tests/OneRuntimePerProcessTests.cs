namespace OrtDpo.Pipeline.Tests;

public sealed class OneRuntimePerProcessTests
{
    [Fact]
    public void A_project_with_two_onnx_runtimes_does_not_build()
    {
        ProgramRun build = ProgramRun.Of("dotnet", ["build", Repository.Find("tests", "Pipeline.Tests", "TwoRuntimes"), "-nologo", "-v", "q"]);

        Assert.NotEqual(0, build.ExitCode);
        Assert.Contains("ORTDPO001", build.Output, StringComparison.Ordinal);
        Assert.Contains("Microsoft.ML.OnnxRuntime and Microsoft.ML.OnnxRuntime.Gpu.Linux", build.Output, StringComparison.Ordinal);
    }
}
