namespace OrtDpo.Pipeline.Tests;

public sealed class OneRuntimePerProcessTests
{
    static readonly string Project = Repository.Find("tests", "Pipeline.Tests", "TwoRuntimes");

    static readonly Lazy<ProgramRun> Restored = new(() => ProgramRun.Of("dotnet", ["restore", Project, "-nologo", "-v", "q"]));

    [Fact]
    public void A_project_with_two_onnx_runtimes_does_not_build()
    {
        var build = Build();

        Assert.NotEqual(0, build.ExitCode);
        Assert.Contains("ORTDPO001", build.Output, StringComparison.Ordinal);
        Assert.Contains(
            "pulls libonnxruntime.so from Microsoft.ML.OnnxRuntime and Microsoft.ML.OnnxRuntime.Gpu.Linux.",
            build.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("libonnxruntime.so")]
    [InlineData("onnxruntime.dll")]
    [InlineData("libonnxruntime.dylib")]
    public void Two_packages_with_one_library_are_named_whatever_the_system_calls_it(string library)
    {
        var build = Build("-t:ResolvePackageAssets", $"-p:Libraries=\"First.Package={library};Second.Package={library}\"");

        Assert.NotEqual(0, build.ExitCode);
        Assert.Contains(
            $"error ORTDPO001: TwoRuntimes pulls {library} from First.Package and Second.Package. Keep one",
            build.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Packages_for_two_systems_do_not_meet()
    {
        var build = Build("-t:ResolvePackageAssets", "-p:Libraries=\"For.Linux=libonnxruntime.so;For.Windows=onnxruntime.dll\"");

        Assert.Equal((0, ""), (build.ExitCode, build.Error));
    }

    static ProgramRun Build(params IEnumerable<string> options)
    {
        Assert.Equal((0, ""), (Restored.Value.ExitCode, Restored.Value.Output));
        return ProgramRun.Of("dotnet", ["build", Project, "--no-restore", "-nologo", "-v", "q", .. options]);
    }
}
