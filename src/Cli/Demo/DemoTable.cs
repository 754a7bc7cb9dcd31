using System.Diagnostics;
using System.Globalization;
using OrtDpo.Demo;
using OrtDpo.Runs;

namespace OrtDpo.Cli.Demo;

/// <summary>What the demo shows: before and after, on pairs whose prompts training never saw.</summary>
static class DemoTable
{
    public static IEnumerable<string> Lines(DemoResult result)
    {
        var (before, after, parity) = (result.Before, result.After, result.Exported.Parity);
        yield return Text($"{$"on {before["eval_pairs"]} held-out pairs",-42}{"before",10}{"after",10}");
        yield return Row(
            "preference accuracy", before["eval_preference_accuracy"], after["eval_preference_accuracy"],
            Interval(after, "eval_preference_accuracy"));
        yield return Text(
            $"{"reward accuracy",-42}{RewardAccuracy(before),10}{RewardAccuracy(after),10}  {Interval(after, "eval_rewards/accuracies")}");
        yield return Row("reward margin, mean", before["eval_rewards/margins"], after["eval_rewards/margins"]);
        yield return Row("loss (ln 2 = 0.693 at the start)", before["eval_loss"], after["eval_loss"]);
        yield return Row("reward of chosen, mean", before["eval_rewards/chosen"], after["eval_rewards/chosen"]);
        yield return "";
        yield return Text($"{"training",-42}{result.PairsPerSecond,10:0} pairs per second");
        yield return Text($"{"whole demo",-42}{result.Elapsed.TotalSeconds,10:0.0} s");
        using var process = Process.GetCurrentProcess();
        yield return Text($"{"peak memory of the process",-42}{process.PeakWorkingSet64 / 1048576.0,10:0} MiB");
        yield return Text(
            $"{"export against policy, nats per token",-42}{parity.MeanDifference,10:0.0e0} mean, {parity.MaxDifference:0.0e0} at most");
    }

    // The third form is that of a number that rounds to zero: without it, a margin's rounding error has a sign.
    static string Row(string name, double before, double after, string note = "") =>
        Text($"{name,-42}{before,10:0.000;-0.000;0.000}{after,10:0.000;-0.000;0.000}  {note}").TrimEnd();

    static string RewardAccuracy(MetricsLine metrics) =>
        metrics["eval_rewards/ties"] >= 0.5 ? "ties" : Text($"{metrics["eval_rewards/accuracies"]:0.000}");

    static string Interval(MetricsLine metrics, string name) =>
        Text($"95 % within {metrics[$"{name}_low"]:0.000} to {metrics[$"{name}_high"]:0.000}");

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
