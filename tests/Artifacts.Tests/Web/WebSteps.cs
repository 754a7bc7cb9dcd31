using OrtDpo.Artifacts.Graphs;
using OrtDpo.Artifacts.Tests.Graphs;
using OrtDpo.Autodiff.Building;
using OrtDpo.Batches;
using OrtDpo.Objectives;
using OrtDpo.Testing.Running;
using OrtDpo.Training;

namespace OrtDpo.Artifacts.Tests.Web;

/// <summary>The gradients of optimizer steps in the training runtime, by artifacts of either kind.</summary>
/// <param name="web">The runtime.</param>
/// <param name="objective">The objective.</param>
/// <param name="loss">The same as the loop has it.</param>
/// <param name="scorer">The size of the vocabulary and the layout are this one's.</param>
/// <param name="microRows">Rows of a micro-batch.</param>
sealed class WebSteps(WebTraining web, Objective objective, ILoss loss, IScorer scorer, int microRows)
{
    /// <summary>A step of artifacts with the objective inside: KTO's reference point comes from an evaluation of the whole step.</summary>
    /// <returns>The step's loss, and the norm of its gradients.</returns>
    public (double Loss, double Norm) Inside(IReadOnlyList<TrainingRow> rows)
    {
        using var kl = new WebScorer(web, objective, scorer.VocabularySize, scorer.Layout);
        var point = new ScoringPass(kl, loss, microRows).Kl(rows);
        var (scales, sum, norm) = (LossScales.Of([.. rows]), 0.0, 0.0);
        foreach (var micro in MicroBatches.Split(rows, microRows, scorer.Layout))
        {
            var feeds = ArtifactFeeds.Of(objective, micro.Rows, scorer.Layout, point);
            feeds[LossPorts.LossScale] = Tensor.Of(DataType.Float32, [], [scales.Rows]);
            feeds[LossPorts.TokenScale] = Tensor.Of(DataType.Float32, [], [scales.Tokens]);
            var outputs = web.Train(feeds);
            sum += outputs[LossPorts.Loss].Numbers()[0];
            norm = outputs[ArtifactPorts.GradNorm].Numbers()[0];
        }

        return (sum, norm);
    }

    /// <summary>A step of artifacts whose loss is outside: the loop's own pass over the runtime as its engine.</summary>
    /// <returns>The step's loss, and the norm of its gradients.</returns>
    public (double Loss, double Norm) Outside(IReadOnlyList<TrainingRow> rows)
    {
        using var engine = new WebEngine(web, scorer.VocabularySize, scorer.Layout);
        var sums = new StepPass(engine, loss, microRows).Accumulate(rows);
        return (sums.Loss, engine.GradNorm);
    }
}
