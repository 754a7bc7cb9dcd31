using System.Globalization;
using OrtDpo.Runs;
using OrtDpo.Runtime.Memory;
using OrtDpo.Training;

namespace OrtDpo.Train;

/// <summary>What a run's checkpoints take on the disk, and whether that is there.</summary>
static class CheckpointSpace
{
    /// <summary>The rehearsal of a run whose checkpoints find their space.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="plan">The steps.</param>
    /// <param name="startsAfter">The step after which the run goes on.</param>
    /// <param name="bytes">What one checkpoint takes.</param>
    /// <param name="free">What is free on the disk; null: nobody knows.</param>
    /// <exception cref="IOException">The disk has less.</exception>
    public static Rehearsal Require(TrainRequest request, TrainingPlan plan, int startsAfter, long bytes, long? free)
    {
        var rehearsal = new Rehearsal(plan, startsAfter, bytes, AtOnce(request, plan, startsAfter), free);
        return free is not { } there || rehearsal.NeededBytes <= there ? rehearsal : throw new IOException(string.Create(
            CultureInfo.InvariantCulture,
            $"{request.Out}: the disk has {MemoryText.Of(there)} free, and checkpoints would take {MemoryText.Of(rehearsal.NeededBytes)} ")
            + string.Create(CultureInfo.InvariantCulture, $"more, {rehearsal.Checkpoints} of {MemoryText.Of(bytes)}. ")
            + "Free space, keep fewer (`SaveTotalLimit`), or choose another folder.");
    }

    // One is written before the oldest goes, and the best may stay beside the newest.
    static int AtOnce(TrainRequest request, TrainingPlan plan, int startsAfter)
    {
        var existing = new Checkpoints(request.Out).Steps().Count;
        var most = plan.Options.Checkpoints.SaveTotalLimit + 1 + (plan.Options.Evaluation.KeepBest ? 1 : 0);
        return startsAfter == plan.TotalSteps ? 0 : Math.Max(1, Math.Min(existing + Saves(plan, startsAfter), most) - existing);
    }

    // By minutes, and where evaluations save the best, nobody knows how often.
    static int Saves(TrainingPlan plan, int startsAfter) =>
        plan.Options is { SaveSteps: { } steps, Checkpoints.SaveMinutes: null, Evaluation.KeepBest: false }
            ? (plan.TotalSteps / steps) - (startsAfter / steps) + (plan.TotalSteps % steps == 0 ? 0 : 1)
            : plan.TotalSteps - startsAfter;
}
