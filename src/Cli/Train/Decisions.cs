using System.Globalization;
using OrtDpo.Batches;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Data;
using OrtDpo.Runs;
using OrtDpo.Safetensors;
using OrtDpo.Train;
using OrtDpo.Training;

namespace OrtDpo.Cli.Train;

/// <summary>What a run decided and why, for its first lines.</summary>
static class Decisions
{
    public static IEnumerable<string> Lines(TrainEvent.Begun begun, TrainRequest settings)
    {
        var (plan, memory) = (begun.Plan, begun.Memory);
        var options = plan.Options;
        var unit = plan.TrainRows[0].Tokens.Kind == RowKind.Pair ? "pairs" : "rows";
        foreach (var line in settings.Loss.Lines())
        {
            yield return OptionNames.In(line);
        }

        if (plan.TrainRows[0].Tokens.Kind == RowKind.Unpaired)
        {
            yield return Balance(plan, settings.Loss);
        }

        var (trained, heldOut) = (plan.TrainRows.Sum(row => row.Terms), plan.EvalRows.Sum(row => row.Terms));
        yield return Text($"data: {trained} {unit} to train on, {heldOut} held out; order by seed {options.Seed}");
        yield return ScoredTokens.Line(
            plan.TrainRows.Sum(row => (long)row.ScoredTokens), plan.TrainRows.Sum(row => (long)row.Tokens.Length));
        if (begun.Adapter is { } adapter)
        {
            yield return OptionNames.In(adapter);
        }

        yield return options.MaxSteps is { }
            ? Text($"steps: {plan.TotalSteps} (--max-steps), {plan.EpochAfter(plan.TotalSteps):0.##} epochs")
            : Text($"steps: {plan.TotalSteps} ({options.Epochs} epochs of {plan.StepsPerEpoch})");
        yield return options.MicroPairs is { } micro
            ? Text($"batch: {options.BatchPairs} {unit} a step, in micro-batches of {micro}")
            : Text($"batch: {options.BatchPairs} {unit} a step, in micro-batches of up to {options.MicroPositions} positions")
                + (CountsScores(begun) ? Text($", fewer for rows longer than {MicroBatches.ScoredWidth}") : "")
                + (options.MicroPositions < MicroBatches.PositionBudget ? " (over a base in 4 bits; " : " (") + "like lengths together)";
        var bits = settings.Optimizer == Optimizer.AdamW8Bit ? "with moments in 8 bits (--optimizer) " : "";
        var adam = options.Optimization;
        yield return Text($"optimizer: AdamW {bits}{adam.AdamBeta1} / {adam.AdamBeta2} / {Small(adam.AdamEpsilon)}, ")
            + Text($"weight decay {options.WeightDecay}{Decaying(options)}, clip {options.MaxGradNorm}");
        yield return Text($"learning rate: {options.LearningRate}, {adam.LrSchedulerType}{Arguments(plan)}: {plan.Schedule.Description}");
        if (settings.Engine == EngineKind.OnDevice)
        {
            yield return "engine: on-device (--engine): ONNX Runtime 1.19.2's on-device training, in a process of its own";
        }

        foreach (var line in DeviceLines.Of(begun.Device))
        {
            yield return line;
        }

        if (begun.Dtype != ComputeDtype.Float32)
        {
            yield return $"products: {begun.Dtype.ConfigName()} ({(settings.Dtype is null ? "as the cache's" : "--dtype")}); "
                + "what trains is float32";
        }

        yield return settings.Threads == MachineFacts.Read().PhysicalCores
            ? Text($"threads: {settings.Threads} (the physical cores)")
            : Text($"threads: {settings.Threads} (--threads)");
        if (memory is not null)
        {
            yield return MemoryLines.Activations(memory, settings.Memory);
            if (MemoryLines.Offloaded(memory.Offload, settings.Offload) is { } offloaded)
            {
                yield return offloaded;
            }

            yield return MemoryLines.Memory(memory.Use, memory.Budget);
        }

        if (settings.SaveDtype != WeightType.F32)
        {
            yield return $"checkpoints: {settings.SaveDtype.ConfigName()} (--save-dtype); "
                + "the float32 weights lie with the optimizer's state";
        }
    }

    static string Decaying(TrainingOptions options) => options.WeightDecay == 0 ? ""
        : options.Optimization.DecaysVectors ? " on everything, as the run began" : " on matrices";

    static string Arguments(TrainingPlan plan) => plan.Schedule.Arguments.ToJson() is var json && json != "{}" ? $" {json}" : "";

    // As people write it: 1e-8, where .NET writes 1E-08.
    static string Small(float number) => number.ToString("0.###e0", CultureInfo.InvariantCulture);

    static bool CountsScores(TrainEvent.Begun begun) =>
        begun.Layout == BatchLayout.Stacked
        && begun.Plan.TrainRows.Any(row => row.Tokens.WidthIn(begun.Layout) > MicroBatches.ScoredWidth);

    static string Balance(TrainingPlan plan, LossChoice loss)
    {
        var desirable = plan.TrainRows.Count(row => row.Tokens.Known is Judgement.Label { IsDesirable: true });
        var undesirable = plan.TrainRows.Count - desirable;
        var ratio = loss.Objective.Scalars["desirable_weight"] * desirable / (loss.Objective.Scalars["undesirable_weight"] * undesirable);
        return Text($"labels: {desirable} desirable, {undesirable} undesirable; weighted, {ratio:0.###} to 1")
            + (LabelBalance.IsAdvised(ratio) ? "" : " (KTO's authors advise 1 to 1.33: see --desirable-weight, --undesirable-weight)");
    }

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
