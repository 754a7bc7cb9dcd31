using System.Globalization;
using OrtDpo.Batches;
using OrtDpo.Cli.CommandLine;

namespace OrtDpo.Cli.Train.Display;

/// <summary>Parts of what is said of a run while it goes on.</summary>
static class ProgressText
{
    /// <summary>What a step is made of.</summary>
    public static string Unit(TrainingProgress run) => run.Plan.TrainRows[0].Tokens.Kind == RowKind.Pair ? "pairs" : "rows";

    public static string Loss(double loss) => Text($"{loss:0.0000}");

    public static string Accuracy(double share) => Text($"{share:0.000}");

    /// <summary>Three digits, whether a step takes a millisecond or a minute.</summary>
    public static string Rate(double perSecond) => perSecond switch
    {
        >= 100 => Text($"{perSecond:#,0}"),
        >= 10 => Text($"{perSecond:0.0}"),
        >= 1 => Text($"{perSecond:0.00}"),
        _ => Text($"{perSecond:0.000}"),
    };

    public static string? Left(TrainingProgress run) => run.Left is { } left ? $"{DurationText.Of(left)} left" : null;

    /// <summary>As in "step 120 of 5000: loss 0.6123, accuracy 0.713, 12.3 pairs/s, 4,512 tokens/s, 3 h 10 min left".</summary>
    public static string Line(TrainingProgress run)
    {
        var loss = run.Last!["loss"];
        List<string> parts = [double.IsFinite(loss) ? $"loss {Loss(loss)}" : "no finite loss"];
        if (run.Accuracy.Last is { } accuracy)
        {
            parts.Add($"accuracy {Accuracy(accuracy)}");
        }

        parts.Add($"{Rate(run.Rates.Pairs!.Value)} {Unit(run)}/s");
        parts.Add($"{Rate(run.Rates.Tokens!.Value)} tokens/s");
        if (Left(run) is { } left)
        {
            parts.Add(left);
        }

        return Text($"step {run.Step} of {run.Plan.TotalSteps}: ") + string.Join(", ", parts);
    }

    /// <summary>How many steps this process has made, and how long it took.</summary>
    public static string Ended(TrainingProgress run)
    {
        var total = run.Plan.TotalSteps;
        var steps = run.StepsHere == total ? Text($"{total} steps") : Text($"{run.StepsHere} of {total} steps");
        var seconds = run.Elapsed.TotalSeconds;
        return $"training: {steps} in " + (seconds < 100 ? Text($"{seconds:0.0} s") : DurationText.Of(run.Elapsed));
    }

    public static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
