using System.Security.Cryptography;

namespace OrtDpo.Pipeline.Tests.Fixtures;

/// <summary>Reference caches of an earlier program: whole, continued, taken over, and trained from to the same numbers.</summary>
[Collection(nameof(MovesCurrentFolder))]
public sealed class OldCacheTests(FirstSlice old) : IClassFixture<FirstSlice>
{
    [Theory]
    [InlineData("pairs")]
    [InlineData("feedback")]
    [InlineData("shards")]
    public void An_old_cache_is_whole_and_its_model_gives_its_numbers(string cache) => Assert.EndsWith(
        "everything is as it was written\n",
        old.Succeed("verify", $"caches/{cache}", "--model", "model", "--threads", "1"),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("pairs", "data/pairs.jsonl")]
    [InlineData("feedback", "data/feedback.jsonl")]
    [InlineData("shards", "data/pairs.jsonl", "--shard", "2/2")]
    public void The_command_that_made_an_old_cache_finds_nothing_to_do(string cache, string data, params string[] more)
    {
        var before = Digests(cache);
        var output = old.Succeed(
            ["precompute", "--model", "model", "--data", data, "--eval-fraction", "0.25", "--threads", "1",
                "--out", $"caches/{cache}", .. more]);
        Assert.Contains("found: 1 of 1 parts are whole and stay", output, StringComparison.Ordinal);
        Assert.Equal(before, Digests(cache));
    }

    [Fact]
    public void The_scores_of_an_old_cache_are_taken_over_by_their_keys()
    {
        var output = old.Succeed(
            "precompute", "--model", "model", "--data", "data/pairs.jsonl", "--reuse", "caches/shards", "--threads", "1",
            "--out", "reused");
        Assert.Contains("to score: 0 pairs that no older cache holds", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pairs", "finished", "--max-steps", "8", "--save-steps", "4")]
    [InlineData("feedback", "feedback", "--max-steps", "4", "--loss", "kto")]
    [InlineData("shards", "shards", "--max-steps", "4")]
    public void Training_from_an_old_cache_gives_the_numbers_of_its_run(string cache, string run, params string[] options)
    {
        var made = $"again-{run}";
        var output = old.Succeed(
            ["train", "--model", "model", "--ref", $"caches/{cache}", "--eval-steps", "4", "--learning-rate", "1e-3", "--warmup-steps", "0",
                "--threads", "1", "--out", made, .. options]);
        Assert.Contains("step-0 gate: passed", output, StringComparison.Ordinal);
        RecordedNumbers.RequireSameMetrics(
            FirstSlice.Recorded("runs", run, "metrics.jsonl"), Path.Combine(old.PathOf(made), "metrics.jsonl"));
    }

    string[] Digests(string cache) => [.. Directory.GetFiles(old.PathOf($"caches/{cache}")).Order(StringComparer.Ordinal)
        .Select(file => $"{Path.GetFileName(file)} {Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)))}")];
}
