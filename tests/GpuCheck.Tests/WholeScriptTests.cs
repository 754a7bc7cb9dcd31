using System.Text.Json;

namespace OrtDpo.GpuCheck.Tests;

/// <summary>What a person with a GPU does, from packing to the report, in another clone and on stub libraries.</summary>
public sealed class WholeScriptTests
{
    static readonly TimeSpan ForPacking = TimeSpan.FromMinutes(20);

    [Fact]
    [Trait("Speed", "long")]
    public void Packed_in_one_clone_it_runs_in_another()
    {
        // Real widths, which take gigabytes of the stub's memory and none of the host's.
        var stubs = CheckProgram.OnStubs(("FAKECUDA_MEMORY", "150000000000"), ("FAKECUDA_MOVES_BYTES", "0"));
        using var folder = new TemporaryFolder();
        Pack();
        Succeed(Bash("git ls-files -z | xargs -0 tar cf - | tar xf - -C " + folder.Path, Repository.Root));
        const string Parts = "artifacts/gpu-check/parts";
        Succeed(Bash($"mkdir -p {folder.Path}/{Parts} && cp -r {Parts}/* {folder.Path}/{Parts}/", Repository.Root));
        // One call for each part, as they come.
        var unpacked = Succeed(Bash($"for part in {Parts}/*; do eng/gpu-check/unpack $part; done", folder.Path));
        Assert.Contains("is ready", unpacked, StringComparison.Ordinal);

        foreach (var call in new[] { "1 11-12 2-3", "5 7", "4", "14", "6 13 10", "8", "9" })
        {
            var run = Bash($"eng/gpu-check/run --out out {call}", folder.Path, stubs);
            Assert.True(run.ExitCode == 0, run.Output + run.Error);
        }

        var checks = JsonSerializer.Deserialize<JsonElement>(File.ReadAllBytes(folder.File("out/report.json"))).GetProperty("checks");
        var statuses = checks.EnumerateArray().ToDictionary(
            check => check.GetProperty("number").GetInt32(), check => check.GetProperty("status").GetString());
        Assert.Equal(Enumerable.Range(1, 14), statuses.Keys);
        Assert.Equal("skipped", statuses[10]);
        // Memory needs no numbers: it is what was planned.
        Assert.Equal("passed", statuses[8]);
        Assert.All(statuses.Where(s => s.Key is not (8 or 10)), s => Assert.Equal("numbers are junk on stubs", s.Value));
    }

    static void Pack()
    {
        using var pack = ProgramRun.Start("bash", ["eng/gpu-check/pack", "--level", "1"]);
        var (output, error) = (pack.StandardOutput.ReadToEndAsync(), pack.StandardError.ReadToEndAsync());
        Assert.True(pack.WaitForExit(ForPacking), "Packing takes too long.");
        Assert.True(pack.ExitCode == 0, output.Result + error.Result);
    }

    static ProgramRun Bash(string command, string folder, Dictionary<string, string>? variables = null) =>
        ProgramRun.Of("bash", ["-c", command], folder, variables);

    static string Succeed(ProgramRun run)
    {
        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        return run.Output;
    }
}
