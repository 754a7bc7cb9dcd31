using System.Globalization;
using OrtDpo.Core.Machine;
using OrtDpo.Core.Training;

namespace OrtDpo.Train;

/// <summary>What a run decided and why, for its first lines.</summary>
static class Decisions
{
    public static IEnumerable<string> Lines(TrainingPlan plan, LossTraits loss, TrainSettings settings)
    {
        var options = plan.Options;
        var isPreference = plan.TrainRows[0].Tokens.IsPair;
        var unit = isPreference ? "pairs" : "rows";
        if (isPreference)
        {
            yield return Text($"loss: sigmoid (DPO, arXiv:2305.18290), beta {loss.Beta}");
        }
        else
        {
            yield return "loss: cross-entropy, the mean over the scored tokens of an optimizer step";
        }

        yield return Text($"data: {plan.TrainRows.Count} {unit} to train on, {plan.EvalRows.Count} held out; order by seed {options.Seed}");
        yield return options.MaxSteps is { }
            ? Text($"steps: {plan.TotalSteps} (--max-steps), {plan.EpochAfter(plan.TotalSteps):0.##} epochs")
            : Text($"steps: {plan.TotalSteps} ({options.Epochs} epochs of {plan.StepsPerEpoch})");
        yield return options.MicroPairs is { } micro
            ? Text($"batch: {options.BatchPairs} {unit} a step, in micro-batches of {micro}")
            : Text($"batch: {options.BatchPairs} {unit} a step, in micro-batches of up to {MicroBatches.PositionBudget} positions (like lengths together)");
        yield return Text($"optimizer: AdamW 0.9 / 0.999 / 1e-8, weight decay {options.WeightDecay}, clip {options.MaxGradNorm}");
        yield return Text($"learning rate: {options.LearningRate}, rising over {plan.Schedule.WarmupSteps} steps, then falling linearly")
            + (isPreference && options.LearningRate <= 1e-5 ? " (models of a few million parameters want 1e-4)" : "");
        yield return settings.Threads == MachineFacts.Read().PhysicalCores
            ? Text($"threads: {settings.Threads} (the physical cores)")
            : Text($"threads: {settings.Threads} (--threads)");
        yield return settings.Recompute ? "activations: computed twice (--recompute)" : "activations: kept (fastest; --recompute saves memory)";
    }

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
