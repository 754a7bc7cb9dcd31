using OrtDpo.Batches;

namespace OrtDpo.Training;

/// <summary>
/// What the loop needs of an engine: score a batch with the <em>training</em> graph, accumulate a batch, apply the optimizer, read and
/// write state. Implemented by the step engine and by the on-device engine. What a loss makes of the scores is no affair of theirs:
/// <see cref="ILoss"/>.
/// </summary>
public interface ITrainingEngine : IScorer
{
    /// <summary>Scores a batch and adds the gradient of a loss to the accumulated gradients.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="slopes">
    /// From the batch's log-probabilities <c>[R, T]</c> to the loss's derivatives by them, <c>[R, T]</c>; called once.
    /// </param>
    /// <returns>The log-probabilities, as <see cref="IScorer.Score"/> gives them.</returns>
    float[] Accumulate(PackedBatch batch, Func<float[], float[]> slopes);

    /// <summary>
    /// Clips the accumulated gradients by their global norm, applies AdamW, clears them. A non-finite norm skips the update.
    /// </summary>
    OptimizerResult Apply(OptimizerStep update);

    /// <summary>
    /// Writes the policy (<c>model.safetensors</c>) and the optimizer's state (<c>optimizer.safetensors</c>) into an existing folder.
    /// </summary>
    void WriteState(string folder);

    /// <summary>Reads back what <see cref="WriteState"/> wrote. Accumulated gradients are cleared.</summary>
    /// <exception cref="InvalidDataException">A file is damaged, or belongs to another model.</exception>
    void ReadState(string folder);
}

/// <summary>The numbers of one optimizer update.</summary>
/// <param name="Number">The update's number, from 1: AdamW's bias correction.</param>
/// <param name="LearningRate">The learning rate of this update.</param>
/// <param name="MaxGradNorm">Global-norm clip; 0 = no clipping.</param>
/// <param name="WeightDecay">AdamW's decoupled decay (arXiv:1711.05101), on what has two dimensions or more.</param>
/// <param name="Beta1">Decay of the first moment.</param>
/// <param name="Beta2">Decay of the second moment.</param>
/// <param name="Epsilon">Added to the root of the second moment.</param>
/// <param name="DecaysVectors">Whether what has one dimension decays, too: biases and norms.</param>
public readonly record struct OptimizerStep(
    int Number, float LearningRate, float MaxGradNorm, float WeightDecay, float Beta1 = 0.9f, float Beta2 = 0.999f, float Epsilon = 1e-8f,
    bool DecaysVectors = false)
{
    /// <summary>What a parameter is multiplied by before the update.</summary>
    /// <param name="isVector">Whether it has one dimension.</param>
    public float DecayOf(bool isVector) => isVector && !DecaysVectors ? 1 : 1 - (LearningRate * WeightDecay);
}

/// <summary>What an update did.</summary>
/// <param name="GradNorm">The global norm before clipping.</param>
/// <param name="Applied">False where the norm was not finite and the update was skipped.</param>
public readonly record struct OptimizerResult(double GradNorm, bool Applied);
