using OrtDpo.Core.Batches;

namespace OrtDpo.Core.Training;

/// <summary>
/// What the loop needs of an engine: score a batch, accumulate a batch, apply the optimizer, read and write state. Implemented by the step
/// engine and by the on-device engine.
/// </summary>
public interface ITrainingEngine : IDisposable
{
    /// <summary>How the model reads batches.</summary>
    BatchLayout Layout { get; }

    /// <summary>Scores a batch with the <em>training</em> graph, without gradients.</summary>
    BatchScores Score(TrainingBatch batch);

    /// <summary>
    /// Scores a batch and adds the gradient of <c>lossScale × Σ loss</c> to the accumulated gradients. <paramref name="lossScale"/> is 1 / pairs
    /// of the optimizer step (1 / scored tokens of the step for supervised rows), so that micro-batches weigh by pairs.
    /// </summary>
    BatchScores Accumulate(TrainingBatch batch, float lossScale);

    /// <summary>Clips the accumulated gradients by their global norm, applies AdamW, clears them. A non-finite norm skips the update.</summary>
    OptimizerResult Apply(OptimizerStep update);

    /// <summary>Writes the policy (<c>model.safetensors</c>) and the optimizer's state (<c>optimizer.safetensors</c>) into an existing folder.</summary>
    void WriteState(string folder);

    /// <summary>Reads back what <see cref="WriteState"/> wrote. Accumulated gradients are cleared.</summary>
    /// <exception cref="InvalidDataException">A file is damaged, or belongs to another model.</exception>
    void ReadState(string folder);
}

/// <summary>A packed batch with the reference's log-probabilities of its pairs.</summary>
/// <param name="Packed">The tokens.</param>
/// <param name="RefChosenLogps"><c>[P]</c>, sums in nats; empty for supervised batches.</param>
/// <param name="RefRejectedLogps"><c>[P]</c>, sums in nats; empty for supervised batches.</param>
public sealed record TrainingBatch(PackedBatch Packed, double[] RefChosenLogps, double[] RefRejectedLogps);

/// <summary>What the graph says of a batch.</summary>
/// <param name="TokenLogps"><c>float32 [R, T]</c>, nats, 0 where padded.</param>
/// <param name="Logps"><c>[R]</c>, nats: the masked sums.</param>
/// <param name="LossSum">Σ loss over pairs (over scored tokens for supervised batches), not scaled.</param>
/// <param name="PairLosses"><c>[P]</c>, the loss of each pair; empty for supervised batches.</param>
/// <param name="ChosenRewards"><c>[P]</c>, beta × (policy − reference) of the chosen completion.</param>
/// <param name="RejectedRewards"><c>[P]</c>, likewise of the rejected one.</param>
public sealed record BatchScores(
    float[] TokenLogps, float[] Logps, double LossSum, float[] PairLosses, float[] ChosenRewards, float[] RejectedRewards);

/// <summary>The numbers of one optimizer update.</summary>
/// <param name="Number">The update's number, from 1: AdamW's bias correction.</param>
/// <param name="LearningRate">The learning rate of this update.</param>
/// <param name="MaxGradNorm">Global-norm clip; 0 = no clipping.</param>
/// <param name="WeightDecay">AdamW's decoupled decay (arXiv:1711.05101), on matrices and on vectors alike.</param>
/// <param name="Beta1">Decay of the first moment.</param>
/// <param name="Beta2">Decay of the second moment.</param>
/// <param name="Epsilon">Added to the root of the second moment.</param>
public readonly record struct OptimizerStep(
    int Number, float LearningRate, float MaxGradNorm, float WeightDecay, float Beta1 = 0.9f, float Beta2 = 0.999f, float Epsilon = 1e-8f);

/// <summary>What an update did.</summary>
/// <param name="GradNorm">The global norm before clipping.</param>
/// <param name="Applied">False where the norm was not finite and the update was skipped.</param>
public readonly record struct OptimizerResult(double GradNorm, bool Applied);
