using System.Text.Json;
using OrtDpo.Runs;

namespace OrtDpo.Cli.Tests.Train;

/// <summary>Evaluation while training through the command line, with a real engine.</summary>
public sealed class EvaluationCommandTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_weights_are_the_same_bytes_with_evaluation_and_answers_at_every_step_and_without(bool isAdapter)
    {
        using var trial = new TrainingTrial();
        string[] kind = isAdapter ? ["--lora-rank", "4"] : [];
        Succeed(trial, "never", [.. kind, "--max-steps", "4", "--eval-strategy", "no"]);
        Succeed(
            trial, "every",
            [.. kind, "--max-steps", "4", "--eval-steps", "1", "--keep-best", "--samples", "3", "--sample-tokens", "5"]);
        Succeed(
            trial, "drawn",
            [.. kind, "--max-steps", "4", "--eval-steps", "2", "--samples", "2", "--sample-tokens", "9", "--sample-temperature", "1.5"]);
        var weights = isAdapter ? "adapter_model.safetensors" : "model.safetensors";
        foreach (var file in (string[])[weights, "optimizer.safetensors"])
        {
            var expected = File.ReadAllBytes(Path.Combine(trial.PathOf("never"), "checkpoints", "step-4", file));
            Assert.Equal(expected, File.ReadAllBytes(Path.Combine(trial.PathOf("every"), "checkpoints", "step-4", file)));
            Assert.Equal(expected, File.ReadAllBytes(Path.Combine(trial.PathOf("drawn"), "checkpoints", "step-4", file)));
        }

        Assert.Empty(trial.Numbers("never", "eval_loss"));
        Assert.Equal(5, trial.Numbers("every", "eval_loss").Length);
        Assert.Equal(15, Samples(trial, "every").Count);
        Assert.False(File.Exists(Path.Combine(trial.PathOf("never"), SamplesFile.FileName)));
    }

    [Fact]
    public void Numbers_of_a_real_head_are_what_its_token_log_probabilities_say_and_eval_finds_them_again()
    {
        using var trial = new TrainingTrial();
        Succeed(trial, "run", "--max-steps", "6", "--eval-steps", "3", "--keep-best");
        Assert.Equal(0, trial.Numbers("run", "eval_kl_k1")[0], Tolerances.BaseValueOfCache);
        Assert.InRange(trial.Numbers("run", "eval_kl_k3")[0], 0, 1e-6);
        Assert.True(trial.Numbers("run", "eval_kl_k3")[^1] > trial.Numbers("run", "eval_kl_k3")[0]);
        // beta is 0.1: k1 of both sides together is the mean of both rewards over beta.
        AssertClose(
            (trial.Numbers("run", "eval_rewards/chosen")[^1] + trial.Numbers("run", "eval_rewards/rejected")[^1]) / 0.2,
            trial.Numbers("run", "eval_kl_k1")[^1], Tolerances.Float32Graph);
        Assert.InRange(trial.Numbers("run", "eval_mean_token_accuracy")[^1], 0, 0.5);
        // Random weights know nothing of 311 tokens.
        Assert.InRange(trial.Numbers("run", "eval_perplexity")[0], 100, 1000);

        var best = BestCheckpoint.Find(trial.PathOf("run"))!;
        var eval = TrainingTrial.Run("eval", "--run", trial.PathOf("run"), "--checkpoint", "best", "--json");
        Assert.Equal("", eval.Error);
        var found = JsonDocument.Parse(eval.Output).RootElement;
        Assert.Equal(best.Step, found.GetProperty("step").GetInt32());
        var logged = trial.Metrics("run").Select(line => JsonDocument.Parse(line).RootElement)
            .Single(line => line.TryGetProperty("eval_loss", out _) && line.GetProperty("step").GetInt32() == best.Step);
        Assert.Equal(logged.EnumerateObject().Select(m => m.Name), found.EnumerateObject().Select(m => m.Name));
        foreach (var member in logged.EnumerateObject())
        {
            AssertClose(member.Value.GetDouble(), found.GetProperty(member.Name).GetDouble(), Tolerances.Float32, what: member.Name);
        }

        var none = TrainingTrial.Run("eval", "--run", trial.PathOf("run"), "--checkpoint", "step-5");
        Assert.Equal(1, none.ExitCode);
        Assert.Contains("has no checkpoint step-5; it has step-3, step-6", none.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Named_sets_have_metrics_of_their_own_in_one_object_and_lines_of_their_own()
    {
        using var trial = new TrainingTrial();
        var data = trial.Write("data.jsonl", Rows(0, 20));
        var easy = trial.Write("easy.jsonl", Rows(20, 3));
        var more = trial.Write("more.jsonl", Rows(23, 2));
        var plain = trial.Write("plain.jsonl", Rows(25, 4));
        var run = TrainingTrial.Run(Sft(trial, data, "--eval-data", $"easy={easy}", $"easy={more}", $"hard-1={plain}"));
        Assert.Equal("", run.Error);
        Assert.Contains("step 0, held out easy (5 rows): loss ", run.Output, StringComparison.Ordinal);
        Assert.Contains("step 2, held out hard-1 (4 rows): loss ", run.Output, StringComparison.Ordinal);
        Assert.Contains("held-out sets: easy (easy.jsonl, more.jsonl); hard-1 (plain.jsonl).", run.Output, StringComparison.Ordinal);
        Assert.Equal(2, trial.Numbers("sft", "eval_easy_loss").Length);
        Assert.Equal([2, 2], trial.Numbers("sft", "eval_easy_source/more.jsonl/rows"));
        Assert.Empty(trial.Numbers("sft", "eval_loss"));
        AssertClose(
            Math.Exp(trial.Numbers("sft", "eval_hard-1_loss")[^1]), trial.Numbers("sft", "eval_hard-1_perplexity")[^1],
            relative: Tolerances.Float32);

        var eval = TrainingTrial.Run("eval", "--run", trial.PathOf("sft"), "--json");
        AssertClose(
            trial.Numbers("sft", "eval_hard-1_loss")[^1],
            JsonDocument.Parse(eval.Output).RootElement.GetProperty("eval_hard-1_loss").GetDouble(), Tolerances.Float32);

        var lost = TrainingTrial.Run(Sft(trial, data, "--eval-data", $"easy={easy}", "--keep-best", "--out", trial.PathOf("other")));
        Assert.Equal(1, lost.ExitCode);
        Assert.Contains(
            "has no eval_loss, by which the best checkpoint is to be found (--metric-for-best); it has eval_easy_loss", lost.Error,
            StringComparison.Ordinal);
        Assert.False(Directory.Exists(trial.PathOf("other")));
    }

    [Fact]
    public void Answers_are_kept_shown_and_drawn_from_the_seed()
    {
        using var trial = new TrainingTrial();
        var prompts = trial.Write("prompts.jsonl", "{\"prompt\":\"aaa bbb\"}\n{\"prompt\":\"ccc\"}\n");
        string[] asked = ["--max-steps", "2", "--sample-prompts", prompts, "--sample-tokens", "6", "--sample-temperature", "2"];
        var run = Succeed(trial, "run", asked);
        Succeed(trial, "again", asked);
        Succeed(trial, "other", [.. asked, "--seed", "5"]);
        var answers = Samples(trial, "run");
        Assert.Equal([0, 0, 2, 2], answers.Select(answer => answer.GetProperty("step").GetInt32()));
        // As the model reads it: behind its beginning-of-sequence token.
        Assert.Equal(["<|user|>aaa bbb", "<|user|>ccc"], answers.Take(2).Select(answer => answer.GetProperty("prompt").GetString()));
        Assert.All(answers, answer => Assert.InRange(answer.GetProperty("tokens").GetInt32(), 0, 6));
        Assert.Contains("  \"<|user|>ccc\": \"", run.Output, StringComparison.Ordinal);
        Assert.Equal(Text(answers), Text(Samples(trial, "again")));
        Assert.NotEqual(Text(answers), Text(Samples(trial, "other")));
        Assert.Contains(SamplesFile.FileName, RunManifest.Read(trial.PathOf("run")).Outputs.Keys);

        static string[] Text(List<JsonElement> answers) => [.. answers.Select(answer => answer.GetProperty("answer").GetString()!)];
    }

    [Fact]
    public void A_run_that_nothing_makes_better_ends_well_and_stays_ended()
    {
        using var trial = new TrainingTrial();
        string[] options =
            ["--max-steps", "30", "--eval-steps", "1", "--metric-for-best", "loss", "--greater-is-better", "true",
                "--early-stopping-patience", "2"];
        var run = Succeed(trial, "run", options);
        Assert.Contains(
            "step 3: the run ends here, since 2 evaluations in a row were no better by eval_loss (--early-stopping-patience); the best",
            run.Output, StringComparison.Ordinal);
        Assert.Equal([1, 3], new Checkpoints(trial.PathOf("run")).Steps());
        Assert.True(RunAudit.IsRun(trial.PathOf("run")));
        Assert.Empty(RunAudit.Of(trial.PathOf("run"), cacheDigest: null).Faults);
        var manifest = RunManifest.Read(trial.PathOf("run"));
        Assert.Contains("checkpoints/step-1/model.safetensors", manifest.Outputs.Keys);

        var files = Contents(trial.PathOf("run"));
        var resumed = TrainingTrial.Run(trial.TrainArguments("run", [.. options, "--resume"]));
        Assert.Equal(0, resumed.ExitCode);
        Assert.Contains("step 3: the run ends here", resumed.Output, StringComparison.Ordinal);
        Assert.Equal(files, Contents(trial.PathOf("run")));

        var more = TrainingTrial.Run(trial.TrainArguments("run", [.. options[..^1], "3", "--resume"]));
        Assert.Equal("", more.Error);
        Assert.Contains("early_stopping_patience was \"2\" and is now \"3\"", more.Output, StringComparison.Ordinal);
        Assert.Contains("step 4: the run ends here, since 3 evaluations", more.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--greater-is-better has no effect without --metric-for-best", "--greater-is-better", "true")]
    [InlineData("--early-stopping-threshold has no effect without", "--early-stopping-threshold", "0.1")]
    [InlineData("--eval-strategy is no, and nothing then says", "--eval-strategy", "no", "--keep-best")]
    [InlineData("--metric-for-best is kl_k1, whose name does not say", "--metric-for-best", "kl_k1")]
    [InlineData("--samples and --sample-prompts are both given", "--samples", "2", "--sample-prompts", "p.jsonl")]
    [InlineData("--samples has no effect with --eval-strategy no", "--samples", "2", "--eval-strategy", "no")]
    [InlineData("--eval-steps has no effect with --eval-strategy epoch", "--eval-steps", "2", "--eval-strategy", "epoch")]
    [InlineData("--sample-tokens has no effect without --samples", "--sample-tokens", "9")]
    public void Options_without_effect_are_errors(string message, params string[] options)
    {
        using var trial = new TrainingTrial(trainPairs: 2, evalPairs: 1);
        var run = TrainingTrial.Run(trial.TrainArguments("run", options));
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }

    static ProgramRun Succeed(TrainingTrial trial, string name, params string[] options)
    {
        var run = TrainingTrial.Run(trial.TrainArguments(name, options));
        Assert.Equal("", run.Error);
        Assert.Equal(0, run.ExitCode);
        return run;
    }

    static SortedDictionary<string, string> Contents(string folder) => new(
        Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) != ".lock")
            .ToDictionary(file => Path.GetRelativePath(folder, file), FileDigest.OfFile),
        StringComparer.Ordinal);

    static List<JsonElement> Samples(TrainingTrial trial, string run) =>
    [
        .. File.ReadAllLines(Path.Combine(trial.PathOf(run), SamplesFile.FileName)).Select(line => JsonDocument.Parse(line).RootElement),
    ];

    static string Rows(int first, int count) => string.Concat(Enumerable.Range(first, count).Select(i => $$"""
        {"prompt":"number {{i}}","completion":" is {{(i % 2 == 0 ? "even" : "odd")}}"}

        """));

    static string[] Sft(TrainingTrial trial, string data, params string[] more) =>
    [
        "sft", "--model", trial.Model, "--data", data, "--threads", $"{TrainingTrial.Threads}", "--max-steps", "2", .. more,
        .. more.Contains("--out") ? Array.Empty<string>() : ["--out", trial.PathOf("sft")],
    ];
}
