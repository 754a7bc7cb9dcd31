using OrtDpo.Adapters;
using OrtDpo.Artifacts.Graphs;
using OrtDpo.Artifacts.Import;
using OrtDpo.Artifacts.Tests.Graphs;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Batches;
using OrtDpo.Export;
using OrtDpo.Export.Tests;
using OrtDpo.Objectives;
using OrtDpo.Runtime.Generation;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Safetensors;

namespace OrtDpo.Artifacts.Tests.Web;

/// <summary>
/// The whole way round: artifacts are trained in ONNX Runtime's training runtime, its parameters come back as a checkpoint, the checkpoint
/// is imported, and what was imported is exported: each says the same of the same texts.
/// </summary>
[Trait("Speed", "native")]
public sealed class RoundTripTests : IDisposable
{
    const int Threads = 1;

    // Float32 sums in another order, on sentences of some ten tokens; the parity gate of exports has this limit too.
    const double Tolerance = 1e-4;

    static readonly LoraConfig Lora = new() { Rank = 4, Alpha = 8, TargetModules = ModuleChoice.AllLinear };

    readonly TemporaryFolder folder = new();
    readonly TemporaryFolder model = new();

    public void Dispose()
    {
        folder.Dispose();
        model.Dispose();
    }

    [Fact]
    public void An_adapter_that_was_trained_on_a_device_is_exported_with_its_logits() =>
        Check("llama", isWhole: false, TimeSpan.FromSeconds(20));

    [Theory]
    [Trait("Speed", "long")]
    [InlineData("demo", true)]
    [InlineData("demo", false)]
    [InlineData("gpt2", true)]
    [InlineData("qwen3", true)]
    [InlineData("phi3", false)]
    public void What_was_trained_on_a_device_is_exported_with_its_logits(string model, bool isWhole) =>
        Check(model, isWhole, TimeSpan.FromMinutes(5));

    void Check(string name, bool isWhole, TimeSpan patience)
    {
        OrtProcess.Start(Threads);
        var (source, artifacts, checkpoint, imported) =
            (Source(name), folder.File("artifacts"), folder.File("trained"), folder.File("imported"));
        var objective = Objective.Parse("sigmoid");
        var manifest = ArtifactWriter.Write(new ArtifactRequest
        {
            Model = source, Out = artifacts, Lora = isWhole ? null : Lora, MaxLength = 64, Options = new() { Objective = objective },
        }).Manifest;
        var rows = RandomRows.Of(objective, manifest.Model.Vocabulary, 2, seed: 7);
        var feeds = ArtifactFeeds.Of(objective, rows, BatchLayout.Packed, kl: 0);
        float[] device;
        using (var web = WebTraining.Open(artifacts, patience, isShort: name != "demo"))
        {
            var before = Logps(web);
            for (var step = 0; step < 3; step++)
            {
                web.Train(feeds);
                web.Optimize(0.001);
            }

            device = Logps(web);
            Assert.True(before.Zip(device, (x, y) => Math.Abs(x - y)).Max() > 100 * Tolerance, "training changed nothing");
            web.Save(checkpoint);

            float[] Logps(WebTraining runtime) => (float[])runtime.Evaluate(feeds)[FragmentPorts.TokenLogps].Data;
        }

        var result = CheckpointImport.Run(
            new ImportRequest { Checkpoint = checkpoint, Artifacts = artifacts, Model = source, Out = imported });
        Assert.Equal((!isWhole, 0), (result.IsAdapter, result.Notes.Count));
        Example[] examples = [.. rows.Select(row => row.Tokens)];
        OnnxExport.Run(imported, folder.File("export"), examples, Threads, WeightType.F32, manifest.Model.MaxLength);
        Compare(examples, device, (int)feeds[FragmentPorts.CompletionIds].Sizes[1]);
    }

    // The device has the chosen completions first, then the rejected ones.
    void Compare(Example[] examples, float[] device, int width)
    {
        using var logits = new OnnxLogits(Path.Combine(folder.File("export"), "model.onnx"));
        foreach (var (i, example) in examples.Index())
        {
            foreach (var (k, completion) in example.Completions.Index())
            {
                long[] text = [.. example.Prompt.Concat(completion).Select(id => (long)id)];
                var all = logits.All(text);
                var vocabulary = all.Length / text.Length;
                for (var t = 0; t < completion.Length; t++)
                {
                    var line = all.AsSpan((example.Prompt.Length + t - 1) * vocabulary, vocabulary);
                    AssertClose(
                        LogSoftmax.At(line, completion[t]), device[(((k * examples.Length) + i) * width) + t], Tolerance,
                        what: $"token {t} of completion {k} of pair {i}");
                }
            }
        }
    }

    string Source(string name)
    {
        if (name == "demo")
        {
            return Repository.Find("models", "demo");
        }

        RandomFamily.Write(name, model);
        return model.Path;
    }
}
