using OrtDpo.Artifacts.Checkpoints;
using OrtDpo.Artifacts.Graphs;
using OrtDpo.Artifacts.Tests.Graphs;
using OrtDpo.Artifacts.Tests.Import;
using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Batches;
using OrtDpo.Export.Tests;
using OrtDpo.Objectives;
using OrtDpo.Testing.Running;

namespace OrtDpo.Artifacts.Tests.Web;

/// <summary>What ONNX Runtime's training runtime makes of the parts of a checkpoint that is written here.</summary>
[Trait("Speed", "long")]
public sealed class WebCheckpointTests : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    readonly TemporaryFolder model = new();
    readonly TemporaryFolder folder = new();

    public WebCheckpointTests() => RandomFamily.Write("llama", model);

    string Artifacts => folder.File("artifacts");

    string Checkpoint => Path.Combine(Artifacts, ArtifactWriter.CheckpointFile);

    public void Dispose()
    {
        folder.Dispose();
        model.Dispose();
    }

    [Fact]
    public void A_nominal_one_takes_its_numbers_from_a_buffer()
    {
        var manifest = Write(isNominal: true);
        var feeds = Batch(manifest, out var slopes);
        using var web = WebTraining.Open(Artifacts, Patience, isShort: true);
        var refused = Assert.Throws<WebTrainingException>(() => web.Evaluate(feeds));
        Assert.Contains("nominal", refused.Message, StringComparison.OrdinalIgnoreCase);
        web.Load(Numbers(manifest), trainable: false);
        var logps = (float[])web.Evaluate(feeds)[FragmentPorts.TokenLogps].Data;

        Directory.Delete(Artifacts, recursive: true);
        Write(isNominal: false);
        using var whole = WebTraining.Open(Artifacts, Patience, isShort: true);
        Assert.Equal((float[])whole.Evaluate(feeds)[FragmentPorts.TokenLogps].Data, logps);
        Assert.Equal(Numbers(manifest), whole.Parameters(trainable: false));
        Assert.Equal(0, slopes.Numbers().Max());
    }

    // Without a gradient AdamW moves a weight by its moments alone: arXiv:1711.05101, Algorithm 2, with g = 0 and no decay.
    [Fact]
    public void Moments_and_step_are_taken_up()
    {
        const long Step = 6;
        const double Rate = 0.001;
        var manifest = Write(isNominal: false);
        float[] first = [0.5f, -0.25f, 0.125f], second = [0.01f, 0.04f, 0.0025f];
        using (var begin = OnDeviceCheckpoint.Open(Checkpoint))
        {
            var states = begin.Contents.Trainable.Select(t => new ParameterMoments(
                t.Name,
                [
                    TrainedCheckpoint.Held(t with { Name = ParameterMoments.First }, Repeated(first, t.ByteCount / sizeof(float))),
                    TrainedCheckpoint.Held(t with { Name = ParameterMoments.Second }, Repeated(second, t.ByteCount / sizeof(float))),
                ]));
            var group = new OptimizerGroup(OptimizerGroup.DefaultName, Step, (float)Rate, [.. states]);
            (begin.Contents with { Groups = [group] }).Write(folder.File("going"));
        }

        File.Move(folder.File("going"), Checkpoint, overwrite: true);
        var feeds = Batch(manifest, out var slopes);
        feeds[ArtifactPorts.Slopes] = slopes;
        using var web = WebTraining.Open(Artifacts, Patience, isShort: true);
        var before = web.Parameters(trainable: true);
        Assert.Equal(0, web.Train(feeds)[ArtifactPorts.GradNorm].Numbers()[0]);
        web.Optimize(Rate);
        var after = web.Parameters(trainable: true);
        var at = 0;
        foreach (var parameter in manifest.Parameters.Where(p => p.Trains))
        {
            var count = parameter.Shape.Aggregate(1L, (size, dimension) => size * dimension);
            for (var i = 0; i < count; i++, at++)
            {
                var (m, v) = (0.9 * first[i % 3] / (1 - Math.Pow(0.9, Step + 1)), 0.999 * second[i % 3] / (1 - Math.Pow(0.999, Step + 1)));
                AssertClose(before[at] - (Rate * m / (Math.Sqrt(v) + 1e-8)), after[at], absolute: 1e-6, what: $"{parameter.Name}[{i}]");
            }
        }
    }

    // The loss outside: its slopes are then an input, and may be zero.
    ArtifactManifest Write(bool isNominal) => ArtifactWriter.Write(new ArtifactRequest
    {
        Model = model.Path, Out = Artifacts, MaxLength = 64, Options = new() { IsNominal = isNominal },
    }).Manifest;

    static Dictionary<string, Tensor> Batch(ArtifactManifest manifest, out Tensor slopes)
    {
        var rows = RandomRows.Of(Objective.Parse("sigmoid"), manifest.Model.Vocabulary, 2, seed: 7);
        var batch = ExamplePacking.Pack([.. rows.Select(row => row.Tokens)], BatchLayout.Packed);
        slopes = new Tensor(
            DataType.Float32, [batch.Completions, batch.CompletionWidth], new float[batch.Completions * batch.CompletionWidth]);
        return ArtifactFeeds.Batch(batch, [.. Enumerable.Range(0, batch.Completions)]);
    }

    // The model's, in the order of the graphs' inputs.
    float[] Numbers(ArtifactManifest manifest)
    {
        using var opened = Models.ModelFolder.Open(model.Path);
        using var weights = new Models.WeightStore(opened);
        return [.. manifest.Parameters.SelectMany(p => weights[p.Name].AsSpan().ToArray())];
    }

    static float[] Repeated(float[] numbers, long count) => [.. Enumerable.Range(0, (int)count).Select(i => numbers[i % numbers.Length])];
}
