using System.Diagnostics;

namespace OrtDpo.Pipeline.Tests;

public sealed class LauncherTests
{
    [Fact]
    public void A_second_run_does_no_set_up_and_starts_from_any_folder_within_five_seconds()
    {
        Assert.SkipWhen(
            OperatingSystem.IsWindows(),
            "The launcher is a shell script; on Windows `dotnet run --project src/Cli` does the same.");
        var launcher = Repository.Find("ortdpo");
        Assert.Equal(0, ProgramRun.Of(launcher, ["--version"]).ExitCode);

        using var folder = new TemporaryFolder();
        var watch = Stopwatch.StartNew();
        var second = ProgramRun.Of(launcher, ["env", "--two words", "*"], folder.Path);

        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 5);
        Assert.Equal((2, ""), (second.ExitCode, second.Output));
        Assert.Equal("--two words is not an option of ortdpo env. See ortdpo env --help.", second.Error.TrimEnd());
    }
}
