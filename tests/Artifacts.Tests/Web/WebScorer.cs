using OrtDpo.Artifacts.Tests.Graphs;
using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Batches;
using OrtDpo.Objectives;
using OrtDpo.Testing.Running;

namespace OrtDpo.Artifacts.Tests.Web;

/// <summary>
/// The eval model of artifacts as the loop's scorer: log-probabilities of any completions, in the batch's own order. What it takes for its
/// objective beside them is of no matter, and zero.
/// </summary>
/// <param name="web">The runtime.</param>
/// <param name="objective">The objective, of single completions.</param>
/// <param name="vocabulary">Tokens that the model knows.</param>
/// <param name="layout">How it reads batches.</param>
sealed class WebScorer(WebTraining web, Objective objective, int vocabulary, BatchLayout layout) : IScorer
{
    public int VocabularySize => vocabulary;

    public BatchLayout Layout => layout;

    public float[] Score(PackedBatch batch)
    {
        var feeds = ArtifactFeeds.Batch(batch, [.. Enumerable.Range(0, batch.Completions)]);
        foreach (var name in (string[])[LossPorts.RefLogps, LossPorts.Labels])
        {
            feeds[name] = new Tensor(DataType.Float32, [batch.Completions], new float[batch.Completions]);
        }

        foreach (var name in (string[])[LossPorts.Kl, LossPorts.LossScale, .. objective.Scalars.Keys])
        {
            feeds[name] = new Tensor(DataType.Float32, [], new float[1]);
        }

        return (float[])web.Evaluate(feeds)[FragmentPorts.TokenLogps].Data;
    }

    public void Dispose()
    {
    }
}
