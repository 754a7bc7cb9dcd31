using OrtDpo.Batches;
using OrtDpo.Runs;
using OrtDpo.Training;

namespace OrtDpo.Cli.Tests.Train.Display;

/// <summary>A plan over rows of three tokens a sequence, and what a loop tells of its steps.</summary>
static class ShownRun
{
    /// <summary>Ten pairs, two a step, for so many steps.</summary>
    public static TrainingPlan Plan(int steps, int heldOut = 3, TrainingOptions? options = null) => new(
        (options ?? new TrainingOptions { EvalSteps = 4, SaveSteps = 5 }) with { BatchPairs = 2, MaxSteps = steps },
        Rows(10), Rows(heldOut));

    // A prompt of two tokens and a completion of one, once for each of a pair: six a pair, twelve a step.
    static TrainingRow[] Rows(int count) => [.. Enumerable.Range(0, count).Select(i => new TrainingRow(
        [$"row-{i}"], Example.Pair([1, 2], [3], [4]), [CompletionLogps.Of([-1f]), CompletionLogps.Of([-1f])], "rows.jsonl", i + 1))];

    public static TrainingEvent.StepDone Step(int step, int total, double loss, double accuracy = 0.5, double tokensPerSecond = 12) => new(
        step, total, Applied: true, new MetricsLine().Add("step", step).Add("loss", loss).Add("rewards/accuracies", accuracy)
            .Add("grad_norm", 1.25).Add("learning_rate", 1e-5).Add("tokens_per_second", tokensPerSecond));

    public static TrainingEvent.Evaluated Evaluated(int step, double loss) => new(
        step, new MetricsLine().Add("step", step).Add("eval_loss", loss).Add("eval_rewards/accuracies", 0.75)
            .Add("eval_rewards/margins", 0.5).Add("eval_pairs", 3));
}
