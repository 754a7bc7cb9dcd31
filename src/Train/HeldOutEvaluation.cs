using OrtDpo.Batches;
using OrtDpo.Data;
using OrtDpo.Data.Cache;
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
        var choice = LossChoice.FromConfig(run.Config);
        var rows = run.ReferenceCache is { } cache
            ? CachedRows.Of(ReferenceCache.Open(cache), Split.Eval)
            : DataTraining.Rows(RunData.Of(run.Folder), Split.Eval);
        if (rows.Count == 0)
        {
            throw new InvalidDataException(run.ReferenceCache is { } folder
                ? $"{folder} holds no held-out rows. Run precompute with `EvalFraction` or `EvalFiles`."
                : $"{run.Folder} holds no held-out rows. Train with `EvalFraction` or `EvalFiles`.");
        }

        var maxLength = RunMaxLength.Of(run);
        var dtype = run.Text(TrainedRun.Dtype) is { } name ? ComputeDtypes.Parse(name) : ComputeDtype.Float32;
        using var policy = ModelFolder.Open(
            run.Checkpoint, adapter: null, WeightMapping.ReadOnly, BaseWeights.OfRun(run.Config));
        policy.FixMaxLength(maxLength);
        var chosen = (device ?? DeviceChoice.Cpu).Open(threads).Computing(dtype);
        OrtProcess.Start(threads);
        using var loss = new LossSession(choice.Objective);
        var options = Policy.Options(new TrainingOptions { BatchPairs = int.MaxValue, MicroPairs = run.MicroPairs }, policy);
        var place = ForwardPlace.Of(chosen, offload ?? new OffloadChoice(), "Scoring", budget =>
        {
            var most = StepEngine.MostWhole(policy.Model, new EngineOptions { Threads = threads });
            var batches = LargestBatches.Of(ScoringPass.Seen(rows, loss.Traits), options, policy.Model.Layout, most);
            return DecoderScorer.Choose(policy, batches, budget, offload ?? new OffloadChoice(), dtype, tokenizer: 0);
        });
        opened?.Invoke(place);
        using var scorer = DecoderScorer.Of(policy, threads, place.Device, dtype, place.Offload);
        return Evaluation.Score(
            scorer, loss, rows, run.MicroPairs, new MetricsLine().Add("step", run.Step), options.MicroPositions);
    }
}
