using System.Text.Json.Nodes;

namespace OrtDpo.Pipeline.Tests;

public sealed class VerifyTests(TinyPipeline made) : IClassFixture<TinyPipeline>, IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_whole_cache_passes_and_its_model_gives_the_same_numbers()
    {
        var run = OrtDpoProgram.Run("verify", made.Cache, "--model", made.Model, "--sample", "20", "--json");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var result = JsonNode.Parse(run.Output)!;
        Assert.True((bool)result["ok"]!);
        Assert.Equal((3, 40, 20), ((int)result["files"]!, (int)result["rows"]!, (int)result["rescored"]!["pairs"]!));
        Assert.InRange((double)result["rescored"]!["token"]!["distance"]!, 0, Tolerances.GateToken);
    }

    [Fact]
    public void A_damaged_cache_is_exit_code_one_with_the_fault_on_stderr()
    {
        var cache = folder.File("ref");
        Directory.CreateDirectory(cache);
        foreach (var file in Directory.EnumerateFiles(made.Cache))
        {
            File.Copy(file, Path.Combine(cache, Path.GetFileName(file)));
        }

        File.Delete(Path.Combine(cache, "part-1of1-00000.parquet"));
        var run = OrtDpoProgram.Run("verify", cache);
        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith(
            $"{Path.Combine(cache, "part-1of1-00000.parquet")} is missing, which the manifest lists.",
            run.Error, StringComparison.Ordinal);
        Assert.Contains("fault: ", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_model_than_the_reference_is_refused_with_both_digests()
    {
        var model = TinyModel.Write(folder.File("model"), seed: 2);
        var run = OrtDpoProgram.Run("verify", made.Cache, "--model", model);
        Assert.Equal(1, run.ExitCode);
        Assert.Matches("was made with reference [0-9a-f]{12}… and .* has reference [0-9a-f]{12}…", run.Error);
    }

    [Fact]
    public void A_run_passes_and_a_changed_file_of_it_is_named()
    {
        Assert.Contains("everything is as it was written", TinyPipeline.Succeed("verify", made.Run), StringComparison.Ordinal);
        var run = folder.File("run");
        foreach (var file in Directory.EnumerateFiles(made.Run, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(run, Path.GetRelativePath(made.Run, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        File.AppendAllText(Path.Combine(run, "metrics.jsonl"), "\n");
        var verified = OrtDpoProgram.Run("verify", run);
        Assert.Equal(1, verified.ExitCode);
        Assert.StartsWith($"{Path.Combine(run, "metrics.jsonl")} is damaged or was changed", verified.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("verify", "FOLDER is missing; ortdpo verify needs it.")]
    [InlineData("verify ref --sample 3", "--sample has no effect without --model.")]
    public void A_faulty_command_line_is_exit_code_two(string arguments, string expected)
    {
        var run = OrtDpoProgram.Run(arguments.Split(' '));
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.StartsWith(expected, run.Error, StringComparison.Ordinal);
    }
}
