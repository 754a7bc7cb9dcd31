namespace OrtDpo.Pipeline.Tests;

/// <summary><c>ortdpo artifacts</c> as a user runs it.</summary>
public sealed class ArtifactsTests : IDisposable
{
    static readonly string Demo = Repository.Find("models", "demo");

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void It_says_what_was_written_and_how_it_is_fed()
    {
        var output = TinyPipeline.Succeed(
            "artifacts", "--model", Demo, "--out", folder.File("out"), "--loss", "simpo", "--beta", "2", "--lora-rank", "4", "--logits");
        Assert.StartsWith(
            $"artifacts: {folder.File("out")}, an adapter on llama: 38,912 of 957,568 numbers train\nloss: simpo, beta 2, gamma 0.5\n",
            output, StringComparison.Ordinal);
        foreach (var line in (string[])
            [
                "training_model.onnx takes", "logits_model.onnx takes", "and gives",
                "completions stand chosen first: those of all pairs, then the rejected ones in the same order",
            ])
        {
            Assert.Contains($"\n{line}\n", output, StringComparison.Ordinal);
        }

        Assert.Matches(@"\n  gamma +float32 \[\] +0\.5, or another number\n", output);
        Assert.Matches(@"\n  completion_mask +float32 \[2\*P, T\] +1 = scored, 0 = padding\n", output);
    }

    [Theory]
    [InlineData("--optimizer sgd --adam-beta1 0.8", "--adam-beta1 has no effect with --optimizer sgd.")]
    [InlineData("--seed 3", "--seed has no effect without --lora-rank.")]
    [InlineData("--nominal --external-data", "--external-data has no effect with --nominal.")]
    [InlineData("--loss sft --beta 0.2", "--beta has no effect: sft does not use it.")]
    [InlineData("--optimizer adam", "--optimizer is adam; it must be one of adamw, sgd.")]
    public void What_has_no_effect_or_no_meaning_is_refused(string options, string sentence)
    {
        var run = OrtDpoProgram.Run(["artifacts", "--model", Demo, "--out", folder.File("out"), .. options.Split(' ')]);
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.StartsWith(sentence, run.Error, StringComparison.Ordinal);
        Assert.EndsWith("See ortdpo artifacts --help.\n", run.Error, StringComparison.Ordinal);
        Assert.False(Path.Exists(folder.File("out")));
    }

    [Theory]
    [InlineData("--weight-decay 0.1", "--weight-decay is 0.1, and 'model.layers.0.input_layernorm.weight' is a vector that trains.")]
    [InlineData("--max-length 4096", "--max-length is 4096, and the model has 256 positions. Give at most 256.")]
    [InlineData("--adapter nowhere", "")]
    public void What_cannot_be_done_is_said_in_a_sentence_and_leaves_nothing(string options, string sentence)
    {
        var run = OrtDpoProgram.Run(["artifacts", "--model", Demo, "--out", folder.File("out"), .. options.Split(' ')]);
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.StartsWith(sentence, run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd('\n').Split('\n'));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }
}
