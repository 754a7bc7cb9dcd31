using System.Text.Json;
using OrtDpo.Data.Cache;
using OrtDpo.Models;
using OrtDpo.Train.Tests;

namespace OrtDpo.Cli.Tests.Train;

public sealed class TrainCommandTests
{
    [Fact]
    public void A_policy_that_starts_as_its_reference_passes_the_gate_and_learns_its_pairs()
    {
        using var trial = new TrainingTrial();
        var run = TrainingTrial.Run(trial.TrainArguments("run", "--epochs", "12", "--batch-pairs", "6"));
        Assert.Equal("", run.Error);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("step-0 gate: passed on 32 rows; loss 0.693147, its base value", run.Output, StringComparison.Ordinal);
        var losses = trial.Numbers("run", "loss");
        Assert.Equal(72, losses.Length);
        AssertClose(Math.Log(2), losses[0], Tolerances.BaseValueOfCache);
        Assert.True(losses[^6..].Average() < 0.3);
        Assert.Equal(2, trial.Numbers("run", "eval_loss").Length);
    }

    [Fact]
    public void The_checkpoint_is_a_model_folder_and_the_manifest_accounts_for_the_run()
    {
        using var trial = new TrainingTrial();
        TrainingTrial.Run(trial.TrainArguments("run", "--max-steps", "3"));
        var run = trial.PathOf("run");
        using var policy = ModelFolder.Open(Path.Combine(run, "checkpoints", "step-3"));
        using var reference = ModelFolder.Open(trial.Model);
        Assert.NotEqual(ReferenceDigest.Compute(reference), ReferenceDigest.Compute(policy));
        Assert.Equal(
            File.ReadAllText(Path.Combine(trial.Model, "tokenizer.json")),
            File.ReadAllText(Path.Combine(policy.Path, "tokenizer.json")));

        var manifest = JsonDocument.Parse(File.ReadAllText(Path.Combine(run, "manifest.json"))).RootElement;
        Assert.Equal(ReferenceDigest.Compute(reference), manifest.GetProperty("inputs").GetProperty("reference").GetString());
        foreach (var output in manifest.GetProperty("outputs").EnumerateObject())
        {
            var digest = System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(Path.Combine(run, output.Name)));
            Assert.Equal(Convert.ToHexStringLower(digest), output.Value.GetString());
        }

        Assert.Contains("total_steps: 3\n", File.ReadAllText(Path.Combine(run, "config.yaml")), StringComparison.Ordinal);
        Assert.Contains("beta: 0.1\n", File.ReadAllText(Path.Combine(run, "config.yaml")), StringComparison.Ordinal);
        Assert.Contains("\"threads\": 2", File.ReadAllText(Path.Combine(run, "environment.json")), StringComparison.Ordinal);
    }

    [Fact]
    public void The_micro_batch_and_recomputation_change_nothing_but_rounding()
    {
        using var trial = new TrainingTrial();
        Assert.Equal(0, TrainingTrial.Run(trial.TrainArguments("eight", "--epochs", "2", "--micro-pairs", "8")).ExitCode);
        string[] micro = ["--epochs", "2", "--micro-pairs", "1", "--memory", "recompute"];
        Assert.Equal(0, TrainingTrial.Run(trial.TrainArguments("one", micro)).ExitCode);
        foreach (var name in (string[])["loss", "grad_norm"])
        {
            var (eight, one) = (trial.Numbers("eight", name), trial.Numbers("one", name));
            Assert.Equal(10, eight.Length);
            AssertClose(one, eight, relative: Tolerances.SameStep, what: name);
            AssertClose(0, eight.Zip(one, (a, b) => (a / b) - 1).Average(), Tolerances.SameStep / 2, what: name);
        }
    }

    [Fact]
    public void A_policy_with_other_weights_says_so_and_skips_the_gate()
    {
        using var trial = new TrainingTrial();
        TrainingTrial.Run(trial.TrainArguments("first", "--max-steps", "2"));
        var checkpoint = Path.Combine(trial.PathOf("first"), "checkpoints", "step-2");
        var run = TrainingTrial.Run(
            "train", "--model", checkpoint, "--ref", trial.Cache, "--out", trial.PathOf("second"), "--max-steps", "1", "--threads", "2");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("step-0 gate: skipped, since the policy", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_is_resumed_only_when_asked_and_only_with_its_own_options()
    {
        using var trial = new TrainingTrial();
        Assert.Equal(0, TrainingTrial.Run(trial.TrainArguments("run", "--max-steps", "2")).ExitCode);
        Refused(trial.TrainArguments("run", "--max-steps", "2"), "already holds a run with a checkpoint after step 2. Add --resume");
        Refused(
            trial.TrainArguments("run", "--max-steps", "2", "--beta", "0.5", "--resume"),
            "the run was started with beta 0.1, and this command has 0.5.");
        Refused(
            trial.TrainArguments("run", "--max-steps", "3", "--resume"),
            "the run was started with total_steps 2, and this command has 3.");
        var before = trial.Metrics("run");
        Assert.Equal(0, TrainingTrial.Run(trial.TrainArguments("run", "--max-steps", "2", "--resume")).ExitCode);
        Assert.Equal(before, trial.Metrics("run"));
    }

    [Fact]
    public void A_gate_that_fails_names_the_row_and_leaves_nothing_behind()
    {
        using var trial = new TrainingTrial();
        using var other = new TinyLlama(seed: 2, vocabulary: 311);
        // The cache of one model under the name of another: the digest of the reference is replaced in the policy's place.
        File.Copy(Path.Combine(other.Folder, "model.safetensors"), Path.Combine(trial.Model, "model.safetensors"), overwrite: true);
        using (var policy = ModelFolder.Open(trial.Model))
        {
            RenameReference(trial.Cache, ReferenceDigest.Compute(policy));
        }

        Refused(trial.TrainArguments("run", "--max-steps", "2"), "The step-0 gate failed: row pairs.jsonl:");
        Assert.False(Directory.Exists(trial.PathOf("run")));
    }

    [Fact]
    public void What_is_wrong_in_the_world_is_refused_before_the_run_s_folder_is_made()
    {
        using var trial = new TrainingTrial();
        Refused(["train", "--model", trial.PathOf("no"), "--ref", trial.Cache, "--out", trial.PathOf("run")], "does not exist");
        Refused(["train", "--model", trial.Model, "--ref", trial.PathOf("no"), "--out", trial.PathOf("run")], "does not exist");
        File.WriteAllText(
            Path.Combine(trial.Model, "tokenizer.json"),
            File.ReadAllText(Path.Combine(trial.Model, "tokenizer.json")).Replace("<|user|>", "<|human|>", StringComparison.Ordinal));
        Refused(trial.TrainArguments("run"), "was made with tokenizer");
        Assert.False(Directory.Exists(trial.PathOf("run")));
    }

    [Fact]
    public void A_folder_of_other_files_is_not_written_into()
    {
        using var trial = new TrainingTrial();
        Directory.CreateDirectory(trial.PathOf("run"));
        File.WriteAllText(Path.Combine(trial.PathOf("run"), "letter.txt"), "");
        Refused(trial.TrainArguments("run"), "holds 'letter.txt' and no run. Choose a folder that does not exist yet.");
        Assert.Single(Directory.GetFileSystemEntries(trial.PathOf("run")));
    }

    [Theory]
    [InlineData("--epochs has no effect beside --max-steps", "--epochs", "1", "--max-steps", "2")]
    [InlineData("--micro-pairs is 9; it must be at most --batch-pairs, which is 8", "--micro-pairs", "9")]
    [InlineData("--beta is 0; it must be positive", "--beta", "0")]
    [InlineData("'sigmoide' is not a loss; did you mean sigmoid?", "--loss", "sigmoide")]
    [InlineData("--gamma has no effect: sigmoid does not use it. Losses that do: simpo, alphapo.", "--gamma", "1")]
    [InlineData("--f-alpha has no effect without --f-divergence alpha_divergence.", "--f-alpha", "0.5")]
    [InlineData("--ld-alpha weights the tokens of every part, and sft is not", "--loss", "sigmoid,sft", "--ld-alpha", "0.5")]
    [InlineData("--label-smoothing is 0.5; it must be", "--label-smoothing", "0.5")]
    [InlineData("cdpo needs --label-smoothing", "--loss", "cdpo")]
    [InlineData("--desirable-weight has no effect: sigmoid does not use it", "--desirable-weight", "2")]
    [InlineData("--ref has no effect: simpo has no reference. Give --data.", "--loss", "simpo")]
    [InlineData("--data and --ref are both given", "--data", "d.jsonl")]
    [InlineData("--eval-fraction has no effect beside --ref", "--eval-fraction", "0.1")]
    [InlineData("--max-length has no effect beside --ref", "--max-length", "10")]
    public void A_wrong_command_line_is_refused_with_code_two(string message, params string[] options)
    {
        var run = TrainingTrial.Run(["train", "--model", "m", "--ref", "r", "--out", "o", .. options]);
        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith(message, run.Error, StringComparison.Ordinal);
        Assert.Equal("", run.Output);
    }

    [Theory]
    [InlineData("--ref is missing: sigmoid compares with a reference.")]
    [InlineData("--data has no effect: sigmoid compares with a reference. Run precompute on the data", "--data", "d.jsonl")]
    [InlineData("--data has no effect: kto compares with a reference.", "--data", "d.jsonl", "--loss", "kto")]
    [InlineData("--data is missing: orpo has no reference", "--loss", "orpo")]
    public void Where_the_rows_come_from_follows_from_the_loss(string message, params string[] options)
    {
        var run = TrainingTrial.Run(["train", "--model", "m", "--out", "o", .. options]);
        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith(message, run.Error, StringComparison.Ordinal);
    }

    static void Refused(string[] arguments, string message)
    {
        var run = TrainingTrial.Run(arguments);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
        Assert.Equal(1, run.ExitCode);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    static void RenameReference(string cache, string digest)
    {
        var file = Assert.Single(Directory.GetFiles(cache, "manifest-*.json"));
        var manifest = CacheManifest.Read(file);
        (manifest with { Identity = manifest.Identity with { ReferenceDigest = digest } }).Write(file);
    }
}
