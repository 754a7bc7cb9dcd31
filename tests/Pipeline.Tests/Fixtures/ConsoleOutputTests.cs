using System.Text.RegularExpressions;

namespace OrtDpo.Pipeline.Tests.Fixtures;

/// <summary>What verbs print where nothing is wrong.</summary>
[Collection(nameof(MovesCurrentFolder))]
public sealed partial class ConsoleOutputTests(FirstSlice old) : IClassFixture<FirstSlice>
{
    [Theory]
    [InlineData("inspect-pairs", "inspect --model model --data data/pairs.jsonl --eval-fraction 0.25")]
    [InlineData("inspect-pairs-json", "inspect --model model --data data/pairs.jsonl --eval-fraction 0.25 --json")]
    [InlineData("inspect-feedback", "inspect --model model --data data/feedback.jsonl --max-prompt-length 16")]
    [InlineData("inspect-supervised", "inspect --model model --data data/supervised.jsonl")]
    [InlineData("precompute-pairs", "precompute --model model --data data/pairs.jsonl --eval-fraction 0.25 --threads 1 --out made/pairs")]
    [InlineData(
        "precompute-feedback",
        "precompute --model model --data data/feedback.jsonl --max-length 48 --threads 1 --out made/feedback")]
    [InlineData(
        "precompute-shard",
        "precompute --model model --data data/pairs.jsonl --reuse caches/pairs --shard 1/2 --threads 1 --out made/shard")]
    [InlineData(
        "train",
        "train --model model --ref caches/pairs --max-steps 3 --warmup-steps 0 --eval-steps 2 --learning-rate 1e-3 --threads 1 "
        + "--out made/run")]
    [InlineData(
        "train-kto", "train --model model --ref caches/feedback --loss kto --max-steps 2 --warmup-steps 0 --threads 1 --out made/kto")]
    [InlineData(
        "train-simpo",
        "train --model model --data data/pairs.jsonl --loss simpo,sft:0.5 --beta 2 --max-steps 2 --warmup-steps 0 --threads 1 "
        + "--out made/simpo")]
    [InlineData(
        "train-resume",
        "train --model model --ref caches/pairs --max-steps 8 --save-steps 4 --eval-steps 4 --learning-rate 1e-3 --threads 1 "
        + "--resume --out runs/half")]
    [InlineData(
        "train-other-policy",
        "train --model runs/finished/checkpoints/step-8 --ref caches/pairs --max-steps 1 --memory recompute --threads 1 --out made/other")]
    [InlineData(
        "sft",
        "sft --model model --data data/supervised.jsonl --eval-fraction 0.25 --epochs 1 --warmup-steps 0 --micro-pairs 4 --threads 1 "
        + "--out made/sft")]
    [InlineData("eval", "eval --run runs/finished --threads 1")]
    [InlineData("eval-supervised", "eval --run runs/supervised --threads 1")]
    [InlineData("export", "export --run runs/finished --threads 1 --out made/export")]
    [InlineData("verify-cache", "verify caches/pairs --model model --threads 1")]
    [InlineData("verify-shards", "verify caches/shards")]
    [InlineData("verify-json", "verify caches/pairs --model model --sample 4 --threads 1 --json")]
    public void What_a_verb_prints_is_as_recorded(string name, string arguments)
    {
        var printed = ConsoleText.Masked(old.Succeed(arguments.Split(' ')), old.Folder);
        Found.Keep($"console/{name}.txt", printed);
        var differences = new Differences();
        differences.Compare(arguments, File.ReadAllText(FirstSlice.Recorded("console", $"{name}.txt")), printed);
        differences.RequireNone();
    }

    [Fact]
    public void Env_has_its_lines()
    {
        var printed = ValueOfLine().Replace(old.Succeed("env"), "$1 …");
        Found.Keep("console/env.txt", printed);
        Assert.Equal(File.ReadAllText(FirstSlice.Recorded("console", "env.txt")), printed);
    }

    // Two spaces part the columns of a table.
    [GeneratedRegex(@"(?m)^(.+?)  +\S.*$")]
    private static partial Regex ValueOfLine();
}
