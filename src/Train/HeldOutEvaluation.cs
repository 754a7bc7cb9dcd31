using OrtDpo.Batches;
using OrtDpo.Models;
using OrtDpo.Models.Quantized;
using OrtDpo.Runs;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Models;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Safetensors;
using OrtDpo.Train.Engine;
using OrtDpo.Training;

namespace OrtDpo.Train;

/// <summary>
/// Scores the newest checkpoint of a run on the held-out rows of its data: the numbers of the log's last evaluation, made anew.
/// </summary>
public static class HeldOutEvaluation
{
    /// <summary>The metrics of a run's newest checkpoint, <c>step</c> and those with the prefix <c>eval_</c>.</summary>
    /// <param name="run">The run.</param>
    /// <param name="threads">Threads of ONNX Runtime.</param>
    /// <param name="device">Where to score; null: the processor.</param>
    /// <param name="offload">
    /// What of the weights lies in the host's memory, where the device is another; null: what its memory demands.
    /// </param>
    /// <param name="opened">Told of the device, and of what is taken there, before anything is scored.</param>
    /// <exception cref="InvalidDataException">There are no held-out rows.</exception>
    /// <exception cref="NotSupportedException">
    /// The device cannot be used or has too little memory, or what is to lie in the host's cannot.
    /// </exception>
    public static MetricsLine Score(
        TrainedRun run, int threads, DeviceChoice? device = null, OffloadChoice? offload = null, Action<ForwardPlace>? opened = null)
    {
        var heldOut = HeldOutRows.Of(run);
        heldOut.RequireAny(run);
        using var policy = OpenPolicy(run, heldOut.MaxLength);
        return With(run, heldOut, policy, threads, device, offload, opened, (scorer, loss, options) => Evaluation.Score(
            scorer, loss, heldOut.Rows, run.MicroPairs, new MetricsLine().Add("step", run.Step), options.MicroPositions));
    }

    /// <summary>What a model says of each summand, in the type that the run computed in.</summary>
    /// <param name="run">The run, whose objective is evaluated.</param>
    /// <param name="heldOut">Its held-out rows.</param>
    /// <param name="model">The run's policy, or another model of the same tokens; for the run's longest sequence.</param>
    /// <param name="threads">Threads of ONNX Runtime.</param>
    /// <param name="device">Where to score; null: the processor.</param>
    /// <param name="offload">
    /// What of the weights lies in the host's memory, where the device is another; null: what its memory demands.
    /// </param>
    /// <exception cref="InvalidDataException">There are no held-out rows.</exception>
    /// <exception cref="NotSupportedException">
    /// The device cannot be used or has too little memory, or what is to lie in the host's cannot.
    /// </exception>
    public static HeldOutScores ScoreEach(
        TrainedRun run, HeldOutRows heldOut, ModelFolder model, int threads, DeviceChoice? device = null, OffloadChoice? offload = null)
    {
        heldOut.RequireAny(run);
        return With(run, heldOut, model, threads, device, offload, opened: null, (scorer, loss, options) =>
        {
            var (scored, values, _) = new ScoringPass(scorer, loss, run.MicroPairs, options.MicroPositions).ScoreEach(heldOut.Rows);
            return HeldOutTerm.All(scored, values, loss.Traits);
        });
    }

    /// <summary>The policy of a run's newest checkpoint as it was trained: an adapter lies on its base, which is held as then.</summary>
    /// <param name="run">The run.</param>
    /// <param name="maxLength">The bound on prompt + one completion that it was trained with, in tokens.</param>
    public static ModelFolder OpenPolicy(TrainedRun run, int maxLength)
    {
        var policy = ModelFolder.Open(run.Checkpoint, adapter: null, WeightMapping.ReadOnly, BaseWeights.OfRun(run.Config));
        policy.FixMaxLength(maxLength);
        return policy;
    }

    static T With<T>(
        TrainedRun run, HeldOutRows heldOut, ModelFolder model, int threads, DeviceChoice? device, OffloadChoice? offload,
        Action<ForwardPlace>? opened, Func<IScorer, LossSession, TrainingOptions, T> score)
    {
        var dtype = run.Text(TrainedRun.Dtype) is { } name ? ComputeDtypes.Parse(name) : ComputeDtype.Float32;
        var chosen = (device ?? DeviceChoice.Cpu).Open(threads).Computing(dtype);
        OrtProcess.Start(threads);
        using var loss = new LossSession(LossChoice.FromConfig(run.Config).Objective);
        var options = Policy.Options(new TrainingOptions { BatchPairs = int.MaxValue, MicroPairs = run.MicroPairs }, model);
        var place = ForwardPlace.Of(chosen, offload ?? new OffloadChoice(), "Scoring", budget =>
        {
            var most = StepEngine.MostWhole(model.Model, new EngineOptions { Threads = threads });
            var batches = LargestBatches.Of(ScoringPass.Seen(heldOut.Rows, loss.Traits), options, model.Model.Layout, most);
            return DecoderScorer.Choose(model, batches, budget, offload ?? new OffloadChoice(), dtype, tokenizer: 0);
        });
        opened?.Invoke(place);
        using var scorer = DecoderScorer.Of(model, threads, place.Device, dtype, place.Offload);
        return score(scorer, loss, options);
    }
}
