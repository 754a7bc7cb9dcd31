namespace OrtDpo.Pipeline.Tests;

/// <summary>Exports and merges that fail on their way: nothing stays under the folder's name, and the same command then succeeds.</summary>
public sealed class ExportFailureTests(TinyPipeline pipeline) : IClassFixture<TinyPipeline>, IDisposable
{
    const string Unfinished = ".ortdpo.tmp";

    readonly TemporaryFolder folder = new();

    string Deploy => Path.Combine(folder.File("disk"), "deploy");

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("model.onnx")]
    [InlineData("manifest.json")]
    public void Killed_when_a_file_appears_it_leaves_no_half_export(string file) => Kill("killed", file, Export());

    [Fact]
    [Trait("Speed", "long")]
    public void Killed_at_any_file_of_any_form_it_leaves_no_half_export()
    {
        var lora = Adapter();
        var checkpoint = Directory.GetDirectories(Path.Combine(lora, "checkpoints"));
        foreach (var command in (string[][])
            [
                Export(), ["export", "--run", lora], ["export", "--run", lora, "--adapters"],
                ["export", "--run", pipeline.Run, "--format", "hf", "--dtype", "bfloat16"],
                ["export", "--run", pipeline.Run, "--compute", "bfloat16"], ["merge", "--adapter", checkpoint.Single()],
            ])
        {
            var whole = folder.File("whole");
            TinyPipeline.Succeed([.. command, "--out", whole]);
            foreach (var file in Directory.GetFiles(whole, "*", SearchOption.AllDirectories))
            {
                Kill("killed", Path.GetRelativePath(whole, file), command);
                Directory.Delete(folder.File("killed"), recursive: true);
            }

            Directory.Delete(whole, recursive: true);
        }
    }

    [Theory]
    [InlineData(8)]
    [InlineData(80)]
    public void A_full_disk_is_named_and_leaves_nothing(int kilobytes)
    {
        var run = Mounted($"size={kilobytes}k", Export());
        Assert.Equal(
            (1, "", $"The disk is full: {Deploy} could not be written. Free space, then run the same command again.\n"),
            (run.ExitCode, run.Output, run.Error));
    }

    [Fact]
    [Trait("Speed", "long")]
    public void A_disk_that_fills_up_at_any_place_leaves_nothing()
    {
        foreach (var command in (string[][])
            [Export(), ["export", "--run", pipeline.Run, "--format", "hf"], ["export", "--run", Adapter(), "--adapters"]])
        {
            var kilobytes = 8;
            ProgramRun run;
            do
            {
                run = Mounted($"size={kilobytes}k", command);
                if (run.ExitCode != 0)
                {
                    Assert.Equal((1, ""), (run.ExitCode, run.Output));
                    Assert.StartsWith("The disk is full: ", run.Error, StringComparison.Ordinal);
                }

                kilobytes += 40;
            }
            while (run.ExitCode != 0);

            Assert.EndsWith("deploy\n", run.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_disk_that_is_only_read_is_named()
    {
        var run = Mounted("ro", Export());
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.StartsWith($"{Deploy} cannot be made: ", run.Error, StringComparison.Ordinal);
        Assert.EndsWith("Choose a folder that you may write to (--out).\n", run.Error, StringComparison.Ordinal);
    }

    string[] Export() => ["export", "--run", pipeline.Run];

    string Adapter()
    {
        var run = folder.File("lora");
        TinyPipeline.Succeed(
            "train", "--model", pipeline.Model, "--ref", pipeline.Cache, "--out", run, "--max-steps", "2", "--learning-rate", "1e-2",
            "--lora-rank", "4");
        return run;
    }

    // A kill that comes too late finds the folder whole.
    void Kill(string name, string file, string[] command)
    {
        var output = folder.File(name);
        string[] whole = [.. command, "--out", output];
        KilledProgram.EndsBefore(() => File.Exists(Path.Combine(output + Unfinished, file)), whole);
        if (!Directory.Exists(output))
        {
            TinyPipeline.Succeed(whole);
        }

        Assert.Empty(Directory.GetFileSystemEntries(folder.Path, "*.tmp"));
        if (command[0] == "export")
        {
            Assert.Contains("everything is as it was exported", TinyPipeline.Succeed("verify", output), StringComparison.Ordinal);
        }
        else
        {
            TinyPipeline.Succeed("generate", "--model", output, "--prompt", "User: ", "--max-new-tokens", "1");
        }
    }

    // With a disk of its own, which only the program and its shell see; on stdout what lies there afterwards.
    ProgramRun Mounted(string options, string[] command)
    {
        var disk = Directory.CreateDirectory(folder.File("disk")).FullName;
        var mount = $"mount -t tmpfs -o {options} tmpfs '{disk}'";
        string[] alone = ["--user", "--map-root-user", "--mount", "sh", "-c"];
        Assert.SkipUnless(
            File.Exists("/usr/bin/unshare") && ProgramRun.Of("unshare", [.. alone, mount]).ExitCode == 0,
            "This system lets nobody mount a small disk of their own (unshare --user --mount).");
        var quoted = string.Join(' ', ((string[])["dotnet", OrtDpoProgram.Assembly, .. command, "--out", Deploy])
            .Select(argument => $"'{argument}'"));
        return ProgramRun.Of("unshare", [.. alone, $"{mount} && {quoted} > /dev/null; code=$?; ls -A '{disk}'; exit $code"]);
    }
}
