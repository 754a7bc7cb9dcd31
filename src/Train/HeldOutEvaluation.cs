using OrtDpo.Batches;
using OrtDpo.Data;
using OrtDpo.Data.Cache;
using OrtDpo.Models;
using OrtDpo.Models.Quantized;
using OrtDpo.Runs;
using OrtDpo.Runtime.Devices;
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
    /// <param name="opened">Told of the device before anything is scored.</param>
    /// <exception cref="InvalidDataException">There are no held-out rows.</exception>
    /// <exception cref="NotSupportedException">The device cannot be used.</exception>
    public static MetricsLine Score(TrainedRun run, int threads, DeviceChoice? device = null, Action<ChosenDevice>? opened = null)
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
            run.Checkpoint, adapter: null, WeightMapping.CopyOnWrite, BaseWeights.OfRun(run.Config));
        policy.FixMaxLength(maxLength);
        var chosen = (device ?? DeviceChoice.Cpu).Open(threads).Computing(dtype);
        opened?.Invoke(chosen);
        using var engine = StepEngine.Of(
            policy,
            new EngineOptions
            {
                Device = chosen.Device, Dtype = dtype, Threads = threads, MaxLength = maxLength,
            });
        using var loss = new LossSession(choice.Objective);
        return Evaluation.Score(
            engine, loss, rows, run.MicroPairs, new MetricsLine().Add("step", run.Step),
            Policy.Options(new TrainingOptions(), policy).MicroPositions);
    }
}
