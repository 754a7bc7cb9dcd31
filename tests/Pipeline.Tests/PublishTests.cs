namespace OrtDpo.Pipeline.Tests;

/// <summary>The program as <c>dotnet publish</c> leaves it, which must run where its sources are not.</summary>
public sealed class PublishTests
{
    static readonly string Configuration =
        Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)) == "release" ? "Release" : "Debug";

    [Fact]
    [Trait("Speed", "long")]
    public void What_is_published_runs_and_has_each_native_library_once()
    {
        using var folder = new TemporaryFolder();
        var published = ProgramRun.Of(
            "dotnet",
            ["publish", Repository.Find("src", "Cli"), "-c", Configuration, "--no-build", "-nologo", "-v", "q", "-o", folder.Path]);
        Assert.True(published.ExitCode == 0, published.Output + published.Error);
        var libraries = Directory.GetFiles(folder.Path, "*onnxruntime*", SearchOption.AllDirectories)
            .Where(file => !file.EndsWith("ML.OnnxRuntime.dll", StringComparison.Ordinal)).Select(Path.GetFileName).ToList();
        Assert.NotEmpty(libraries);
        Assert.Equal(libraries.Distinct(), libraries);

        // The program of another engine lies in a folder of its own, whole: it ends where nobody tells it anything.
        var engine = ProgramRun.Of("dotnet", [folder.File(Path.Combine("on-device", "OrtDpo.Train.OnDevice.dll"))], input: "");
        Assert.Equal((1, "", ""), (engine.ExitCode, engine.Output, engine.Error));

        var program = folder.File("OrtDpo.Cli.dll");
        var environment = ProgramRun.Of("dotnet", [program, "env"], folder.Path);
        Assert.Equal((0, ""), (environment.ExitCode, environment.Error));
        Assert.Contains("ONNX Runtime", environment.Output, StringComparison.OrdinalIgnoreCase);
        var generated = ProgramRun.Of(
            "dotnet", [program, "generate", "--model", folder.File("demo"), "--prompt", "apple", "--max-new-tokens", "4"], folder.Path);
        Assert.Equal((0, ""), (generated.ExitCode, generated.Error));
        Assert.NotEmpty(generated.Output);
    }
}
