using OrtDpo.Artifacts.Graphs;
using OrtDpo.Artifacts.Tests.Graphs;
using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Batches;
using OrtDpo.Testing.Running;
using OrtDpo.Training;

namespace OrtDpo.Artifacts.Tests.Web;

/// <summary>
/// Artifacts whose loss is outside, as the loop's engine: an evaluation gives the log-probabilities, the loop's loss their slopes, and a
/// training step takes these.
/// </summary>
/// <param name="web">The runtime.</param>
/// <param name="vocabulary">Tokens that the model knows.</param>
/// <param name="layout">How it reads batches.</param>
sealed class WebEngine(WebTraining web, int vocabulary, BatchLayout layout) : ITrainingEngine
{
    /// <summary>The norm of the accumulated gradients.</summary>
    public double GradNorm { get; private set; }

    public int VocabularySize => vocabulary;

    public BatchLayout Layout => layout;

    public float[] Score(PackedBatch batch) => (float[])web.Evaluate(Feeds(batch))[FragmentPorts.TokenLogps].Data;

    public float[] Accumulate(PackedBatch batch, Func<float[], float[]> slopes)
    {
        var logps = Score(batch);
        var feeds = Feeds(batch);
        feeds[ArtifactPorts.Slopes] = new Tensor(DataType.Float32, [batch.Completions, batch.CompletionWidth], slopes(logps));
        GradNorm = web.Train(feeds)[ArtifactPorts.GradNorm].Numbers()[0];
        return logps;
    }

    public OptimizerResult Apply(OptimizerStep update)
    {
        web.Optimize(update.LearningRate);
        return new OptimizerResult(GradNorm, Applied: true);
    }

    public void WriteState(string folder) => throw new NotSupportedException("The runtime's JavaScript writes no checkpoint.");

    public void ReadState(string folder) => throw new NotSupportedException("The runtime's JavaScript reads a checkpoint once.");

    public void Dispose()
    {
    }

    static Dictionary<string, Tensor> Feeds(PackedBatch batch) => ArtifactFeeds.Batch(batch, [.. Enumerable.Range(0, batch.Completions)]);
}
