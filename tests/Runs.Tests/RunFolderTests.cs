namespace OrtDpo.Runs.Tests;

public sealed class RunFolderTests : IDisposable
{
    readonly TemporaryFolder parent = new();

    string Run => parent.File("run");

    public void Dispose() => parent.Dispose();

    [Fact]
    public void The_configuration_is_plain_yaml()
    {
        Config().Add("path", "a \"b\": ä").Add("rate", 1e-6).Add("ratio", 0.1f).Add("flag", true).Write(parent.Path);
        Assert.Equal(
            "beta: 0.5\nthreads: 2\npath: \"a \\\"b\\\": ä\"\nrate: 1.0E-06\nratio: 0.1\nflag: true\n",
            File.ReadAllText(parent.File("config.yaml")));
    }

    [Fact]
    public void A_folder_is_new_for_a_run_without_a_checkpoint_and_held_by_one_process()
    {
        using (RunFolder.Open(Run, Config(), resume: false))
        {
            var fault = Assert.Throws<IOException>(() => RunFolder.Open(Run, Config(), resume: true));
            Assert.Contains("is being written by another run", fault.Message, StringComparison.Ordinal);
            File.WriteAllText(Path.Combine(Run, "metrics.jsonl"), "{}\n");
        }

        using var again = RunFolder.Open(Run, Config(beta: 0.7), resume: false);
        Assert.StartsWith("beta: 0.7\n", File.ReadAllText(Path.Combine(Run, "config.yaml")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_fails_before_its_first_metrics_leaves_no_folder()
    {
        RunFolder.Open(Run, Config(), resume: false).Dispose();
        Assert.False(Directory.Exists(Run));
    }

    [Theory]
    [InlineData("cpu", "cuda:0", "device was \"cpu\" and is now \"cuda:0\"")]
    [InlineData("cuda:0", "cpu", "device was \"cuda:0\" and is now \"cpu\"")]
    [InlineData("cuda:0", "cuda:0", null)]
    [InlineData("cpu", "cpu", null)]
    public void An_entry_of_the_usual_value_is_not_in_the_file_and_what_is_not_there_had_it(string before, string now, string? note)
    {
        Directory.CreateDirectory(Path.Combine(Run, "checkpoints", "step-4"));
        On(before).Write(Run);
        Assert.Equal(
            before == "cpu" ? "beta: 0.5\nthreads: 2\n" : $"beta: 0.5\nthreads: 2\ndevice: \"{before}\"\n",
            File.ReadAllText(Path.Combine(Run, "config.yaml")));
        using var resumed = RunFolder.Open(Run, On(now), resume: true);
        Assert.Equal(note is null ? [] : [note], resumed.Notes);

        static RunConfig On(string device) => Config().Add("device", device).Informative().Unless("cpu");
    }

    [Fact]
    public void A_resumed_run_may_differ_in_threads_and_says_so_but_not_in_beta()
    {
        Directory.CreateDirectory(Path.Combine(Run, "checkpoints", "step-4"));
        Config().Write(Run);
        using (var resumed = RunFolder.Open(Run, Config(threads: 3), resume: true))
        {
            Assert.Equal(["threads was 2 and is now 3"], resumed.Notes);
        }

        var other = Assert.Throws<InvalidDataException>(() => RunFolder.Open(Run, Config(beta: 0.7), resume: true));
        Assert.Contains("the run was started with beta 0.5, and this command has 0.7.", other.Message, StringComparison.Ordinal);
        var fault = Assert.Throws<IOException>(() => RunFolder.Open(Run, Config(), resume: false));
        Assert.Contains("already holds a run with a checkpoint after step 4. Add `Resume`", fault.Message, StringComparison.Ordinal);
        // None of the refusals keeps the folder locked.
        RunFolder.Open(Run, Config(), resume: true).Dispose();
        Assert.True(Directory.Exists(Run));
    }

    [Fact]
    public void A_damaged_configuration_is_named_by_its_line()
    {
        Directory.CreateDirectory(Path.Combine(Run, "checkpoints", "step-4"));
        File.WriteAllText(Path.Combine(Run, "config.yaml"), "beta: 0.5\nbeta: 0.5\n");
        Assert.Contains(
            "found the line 'beta: 0.5'",
            Assert.Throws<InvalidDataException>(() => RunFolder.Open(Run, Config(), resume: true)).Message, StringComparison.Ordinal);
    }

    static RunConfig Config(double beta = 0.5, int threads = 2) => new RunConfig().Add("beta", beta).Add("threads", threads).Informative();
}
