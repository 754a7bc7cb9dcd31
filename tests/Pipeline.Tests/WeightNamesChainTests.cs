using System.Text;
using System.Text.Json;

namespace OrtDpo.Pipeline.Tests;

/// <summary>A checkpoint whose names lack their prefix, as those of a body that was saved alone, through the whole chain.</summary>
public sealed class WeightNamesChainTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void It_is_the_reference_that_it_was_with_its_prefix_and_its_checkpoints_have_it_again()
    {
        var usual = TinyModel.Write(folder.File("usual"));
        var bare = TinyModel.Write(
            folder.File("bare"), tensor => tensor with { Name = tensor.Name.Replace("model.", "", StringComparison.Ordinal) });
        var data = folder.Write("pairs.jsonl", TinyPairs.Lines(16));
        var output = TinyPipeline.Succeed("precompute", "--model", bare, "--data", data, "--out", folder.File("ref"));
        const string Note =
            "model: its tensors lie under no prefix, where llama has 'model.'; they are read, digested and saved under that";
        Assert.Contains(Note, output, StringComparison.Ordinal);

        var trained = TinyPipeline.Succeed(
            "train", "--model", usual, "--ref", folder.File("ref"), "--out", folder.File("run"), "--max-steps", "1");
        Assert.Contains("step-0 gate: passed", trained, StringComparison.Ordinal);
        Assert.DoesNotContain("prefix", trained, StringComparison.Ordinal);

        trained = TinyPipeline.Succeed(
            "train", "--model", bare, "--ref", folder.File("ref"), "--out", folder.File("run-bare"), "--max-steps", "1");
        Assert.Contains(Note, trained, StringComparison.Ordinal);
        var weights = Weights("run-bare");
        Assert.Equal(Weights("run"), weights);
        var header = JsonDocument.Parse(Encoding.UTF8.GetString(weights, 8, (int)BitConverter.ToInt64(weights))).RootElement;
        Assert.True(header.TryGetProperty("model.embed_tokens.weight", out _));
    }

    byte[] Weights(string run) => File.ReadAllBytes(Path.Combine(folder.File(run), "checkpoints", "step-1", "model.safetensors"));
}
