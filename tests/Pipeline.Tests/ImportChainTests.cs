using System.Runtime.InteropServices;
using OrtDpo.Artifacts.Checkpoints;
using OrtDpo.Safetensors;

namespace OrtDpo.Pipeline.Tests;

/// <summary>What was trained on a device, back through the command line: imported, merged, and asked.</summary>
[Trait("Speed", "native")]
public sealed class ImportChainTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public ImportChainTests() => TinyModel.Write(Model);

    string Model => folder.File("model");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void An_adapter_is_imported_merged_and_asked()
    {
        var (trained, adapter, merged) = (Trained("--lora-rank", "2"), folder.File("adapter"), folder.File("merged"));
        var told = TinyPipeline.Succeed("import", "--checkpoint", trained, "--model", Model, "--out", adapter);
        Assert.StartsWith($"imported: {adapter}, an adapter from {trained}\ntrained: ", told, StringComparison.Ordinal);
        Assert.EndsWith($"next: ortdpo merge --adapter {adapter} --out FOLDER\n", told, StringComparison.Ordinal);
        TinyPipeline.Succeed("merge", "--adapter", adapter, "--out", merged);
        Assert.Equal(Answer("--model", adapter), Answer("--model", merged));
    }

    [Fact]
    public void A_model_is_imported_and_asked()
    {
        var (trained, imported) = (Trained(), folder.File("imported"));
        var told = TinyPipeline.Succeed(
            "import", "--checkpoint", trained, "--artifacts", folder.File("artifacts"), "--model", Model, "--out", imported);
        Assert.EndsWith($"next: ortdpo generate --model {imported} --prompt TEXT\n", told, StringComparison.Ordinal);
        Assert.NotEmpty(Answer("--model", imported));
    }

    [Fact]
    public void Another_model_is_refused_in_a_sentence_that_names_the_option()
    {
        var (trained, made) = (Trained(), folder.File("imported"));
        TinyModel.Write(Model, seed: 2);
        var refused = OrtDpoProgram.Run("import", "--checkpoint", trained, "--model", Model, "--out", made);
        Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
        Assert.StartsWith($"{trained} is of a model with the digest ", refused.Error, StringComparison.Ordinal);
        Assert.EndsWith("Give the model that the artifacts were made of (--model).\n", refused.Error, StringComparison.Ordinal);
        Assert.False(Path.Exists(made));
    }

    static string Answer(params string[] of) =>
        TinyPipeline.Succeed(["generate", .. of, "--prompt", "7: apple door?", "--max-new-tokens", "8"]);

    // As a device leaves a checkpoint: with other numbers in what trains.
    string Trained(params string[] adapter)
    {
        var (artifacts, trained) = (folder.File("artifacts"), folder.File("trained"));
        TinyPipeline.Succeed(["artifacts", "--model", Model, "--out", artifacts, .. adapter]);
        using var begin = OnDeviceCheckpoint.Open(Path.Combine(artifacts, "checkpoint"));
        (begin.Contents with { Trainable = [.. begin.Contents.Trainable.Select(Moved)] }).Write(trained);
        return trained;
    }

    static TensorSource Moved(TensorSource tensor)
    {
        var numbers = new float[tensor.ByteCount / sizeof(float)];
        tensor.Read(0, MemoryMarshal.AsBytes(numbers.AsSpan()));
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] += 0.01f * ((i % 5) - 2);
        }

        return tensor with
        {
            Address = 0,
            Reader = (offset, target) => MemoryMarshal.AsBytes(numbers.AsSpan()).Slice((int)offset, target.Length).CopyTo(target),
        };
    }
}
