namespace OrtDpo.Pipeline.Tests;

/// <summary>Verbs that are told to end: their exit codes, what they say, and that nothing half-written has a final name.</summary>
public sealed class SignalTests(TinyPipeline pipeline) : IClassFixture<TinyPipeline>, IDisposable
{
    readonly TemporaryFolder folder = new();

    string Out => folder.File("out");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_second_signal_ends_training_at_once_with_the_same_exit_code_and_it_goes_on_from_the_checkpoint_before()
    {
        // A step that takes longer than two signals.
        var data = folder.Write("long.jsonl", TinyPairs.Lines(150, words: 36));
        TinyPipeline.Succeed("precompute", "--model", pipeline.Model, "--data", data, "--out", folder.File("ref"));
        string[] train =
        [
            "train", "--model", pipeline.Model, "--ref", folder.File("ref"), "--batch-pairs", "150", "--threads", "1", "--max-steps", "50",
            "--save-steps", "1", "--resume", "auto", "--out", Out,
        ];
        var run = SignalledProgram.Run(
            "TERM", _ => Directory.Exists(Path.Combine(Out, "checkpoints", "step-1")), train, times: 2);
        Assert.Equal((143, ""), (run.ExitCode, run.Error));
        Assert.EndsWith("then saving; once more to stop at once\n", run.Output, StringComparison.Ordinal);
        Assert.Contains(
            "resumed after step 1 of 50",
            SignalledProgram.Run("TERM", printed => printed.Contains("resumed", StringComparison.Ordinal), train).Output,
            StringComparison.Ordinal);
    }

    /// <summary>The terminal is gone when the signal comes: what is said then has no place.</summary>
    [Fact]
    public async Task A_terminal_that_closes_lets_a_run_finish_its_step_and_save()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/script"), "Without script (util-linux) there is no terminal to close.");
        var (progress, code) = (new RunProgress(Out), folder.File("code"));
        string[] train =
        [
            "dotnet", OrtDpoProgram.Assembly, "train", "--model", pipeline.Model, "--ref", pipeline.Cache, "--max-steps", "100000",
            "--save-steps", "100000", "--threads", "1", "--out", Out,
        ];
        // The terminal's first shell ends with it, which is when the program hears; the second tells what that ended with.
        var shell = folder.Write(
            "train.sh", $"trap : HUP; {string.Join(' ', train.Select(word => $"'{word}'"))}; echo $? > '{code}'\n");
        using var terminal = ProgramRun.Start("script", ["-qec", $"sh '{shell}'; true", "/dev/null"]);
        var shown = terminal.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.True(
            SpinWait.SpinUntil(() => progress.LastStep > 2 || terminal.WaitForExit(10), TimeSpan.FromMinutes(1)), "No step was made.");
        Assert.False(terminal.HasExited, "The run ended before its terminal closed.");
        terminal.Kill();
        Assert.True(
            SpinWait.SpinUntil(() => File.Exists(code) && File.ReadAllText(code).EndsWith('\n'), TimeSpan.FromMinutes(1)),
            "The run goes on.");
        Assert.Equal("129\n", File.ReadAllText(code));
        Assert.Equal(progress.LastStep, progress.Checkpoint);
        Assert.Contains("step-0 gate", await shown, StringComparison.Ordinal);
    }

    [Fact]
    public void Precompute_stops_behind_its_batch_and_the_same_command_ends_as_one_that_was_not_stopped() => Precompute("TERM", 143);

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("HUP", 129)]
    [Trait("Speed", "long")]
    public void Precompute_stops_for_other_signals_too(string signal, int code) => Precompute(signal, code);

    [Fact]
    public void An_export_that_is_told_to_end_does_so_at_once_and_leaves_nothing_under_its_name() => Export("TERM", 143);

    [Fact]
    [Trait("Speed", "long")]
    public void An_export_that_is_interrupted_leaves_nothing_under_its_name() => Export("INT", 130);

    [Fact]
    [Trait("Speed", "long")]
    public void What_writes_nothing_ends_at_once_with_the_exit_code_of_the_signal()
    {
        var run = SignalledProgram.Run(
            "TERM", printed => printed.Length > 0,
            [
                "generate", "--model", pipeline.Model, "--prompt", "1: apple?", "--max-new-tokens", "60", "--num-samples", "100000",
                "--sample",
            ]);
        Assert.Equal((143, ""), (run.ExitCode, run.Error));
    }

    [Fact]
    public void A_finished_run_that_is_resumed_says_so_and_no_file_changes()
    {
        TinyPipeline.Succeed([.. pipeline.TrainArguments, "--out", Out]);
        var before = RunFiles.Digests(Out);
        foreach (var resume in (string[][])[["--resume"], ["--resume", "auto"], ["--resume", "step-4"], ["--resume", "4"]])
        {
            var output = TinyPipeline.Succeed([.. pipeline.TrainArguments, "--out", Out, .. resume]);
            Assert.Contains("the run is finished, after step 4 of 4; nothing is left to do", output, StringComparison.Ordinal);
            Assert.Equal(before, RunFiles.Digests(Out));
        }
    }

    [Fact]
    public void A_run_goes_on_from_a_chosen_checkpoint_and_ends_the_same()
    {
        TinyPipeline.Succeed([.. pipeline.TrainArguments, "--out", Out]);
        var before = RunFiles.Last(Out, 4);
        var output = TinyPipeline.Succeed([.. pipeline.TrainArguments, "--out", Out, "--resume", "step-2"]);
        Assert.Contains(
            $"what the run made after step 2 is put aside in {Path.Combine(Out, "aside-1")}", output, StringComparison.Ordinal);
        Assert.Contains("resumed after step 2 of 4", output, StringComparison.Ordinal);
        Assert.Equal(before, RunFiles.Last(Out, 4));
        Assert.True(File.Exists(Path.Combine(Out, "aside-1", "manifest.json")));
        Assert.Contains("everything is as it was written", TinyPipeline.Succeed("verify", Out), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--resume", "soon")]
    [InlineData("--resume", "step-")]
    [InlineData("--resume", "-1")]
    public void A_word_that_is_no_step_is_refused(params string[] resume)
    {
        var run = OrtDpoProgram.Run([.. pipeline.TrainArguments, "--out", Out, .. resume]);
        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith(
            $"--resume is '{resume[1]}'; it must be auto or a step that has a checkpoint, such as 40 or step-40.", run.Error,
            StringComparison.Ordinal);
    }

    void Precompute(string signal, int code)
    {
        var data = folder.Write("long.jsonl", TinyPairs.Lines(600, words: 36));
        string[] Command(string path) => ["precompute", "--model", pipeline.Model, "--data", data, "--threads", "1", "--out", path];
        var run = SignalledProgram.Run(
            signal, _ => Directory.Exists(Out) && Directory.EnumerateFiles(Out, "part-*").Any(), Command(Out));
        Assert.Equal(code, run.ExitCode);
        Assert.Matches(
            $"^Scoring was stopped; [0-9]+ of [0-9]+ parts are written to {Out}, and the same command goes on from there.\n$", run.Error);
        Assert.Contains("finishing the batch that is scored, then stopping; once more", run.Output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Out, "*.tmp"));
        TinyPipeline.Succeed(Command(Out));
        TinyPipeline.Succeed(Command(folder.File("whole")));
        Assert.Equal(RunFiles.Digests(folder.File("whole")), RunFiles.Digests(Out));
    }

    void Export(string signal, int code)
    {
        string[] export = ["export", "--run", pipeline.Run, "--out", Out];
        var run = SignalledProgram.Run(signal, _ => Directory.Exists(Out + ".ortdpo.tmp"), export);
        Assert.Equal((code, ""), (run.ExitCode, run.Error));
        Assert.False(Path.Exists(Out));
        TinyPipeline.Succeed(export);
        Assert.Equal([Out], Directory.GetFileSystemEntries(folder.Path));
    }
}
